import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { jobsOf, LATER_COLUMNS } from "./jobs-of.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

async function countIn(...tables: string[]): Promise<number[]> {
  const counts = tables.map((table) => pool.query(`SELECT count(*)::int AS n FROM millrace.${table}`));
  return (await Promise.all(counts)).map(({ rows }) => rows[0].n);
}

/** What a claim of this release does to the waiting jobs. It names its columns, and knows no later ones. */
const CLAIM_ALL = `
  WITH taken AS (DELETE FROM millrace.waiting_jobs RETURNING *)
  INSERT INTO millrace.claims
    (lease_token, worker_id, queue, priority, lease_until, begun_at, ids, types, payloads, run_ats, created_ats,
     attempts, max_attempts, crashes, last_errors, idempotency_keys, schedule_ids, progress)
  SELECT 7, 'w', min(queue), min(priority), now() + interval '1 minute', now(), array_agg(id), array_agg(type),
         array_agg(payload), array_agg(run_at), array_agg(created_at), array_agg(attempts + 1),
         array_agg(max_attempts), array_agg(crashes), NULL, array_agg(idempotency_key), NULL, array_agg(progress)
  FROM taken`;

/** Ends the waiting jobs. */
const END_ALL = `
  WITH taken AS (DELETE FROM millrace.waiting_jobs RETURNING *)
  INSERT INTO millrace.ended_jobs (id, queue, type, payload, state, priority, run_at, lease_token, attempts,
                                   max_attempts, crashes, created_at, ended_at)
  SELECT id, queue, type, payload, 'failed', priority, run_at, lease_token, attempts, max_attempts, crashes, created_at,
         now()
  FROM taken`;

describe("a later migration", () => {
  test.each([
    ["a constant", "integer NOT NULL DEFAULT 5"],
    [
      "a value of each row's own, for which the rows are written again",
      "uuid NOT NULL DEFAULT gen_random_uuid()",
    ],
  ])("adds columns with the default of %s while claims are in flight", async (_what, column) => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await client.query(
        `INSERT INTO millrace.jobs (type, payload, idempotency_key, progress)
         SELECT 'claimed ' || n, jsonb_build_object('text', repeat('x', n)), 'k' || n, to_jsonb(n)
         FROM generate_series(1, 4000, 700) AS n`,
      );
      await client.query(CLAIM_ALL);
      await client.query("UPDATE millrace.claims SET open = '{1,2,3,6}'");
      await client.query("INSERT INTO millrace.jobs (type) VALUES ('waiting')");
      const before = await jobsOf(client, "jobs");

      for (const table of ["claims", "waiting_jobs", "ended_jobs"])
        await client.query(`ALTER TABLE millrace.${table} ADD COLUMN later ${column}`);

      expect(before.map((job) => job.state)).toEqual([...Array(4).fill("running"), "queued"]);
      expect(await jobsOf(client, "jobs")).toEqual(before);
      await client.query(CLAIM_ALL);
      expect((await client.query("SELECT FROM millrace.claims WHERE later IS NOT NULL")).rowCount).toBe(2);
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  });
});

describe("the view millrace.jobs", () => {
  test.each(["UPDATE millrace.jobs SET priority = 1", "DELETE FROM millrace.jobs"])(
    "refuses %s with a hint, wherever the job is",
    async (statement) => {
      const enqueueOne = "INSERT INTO millrace.jobs (type) VALUES ('t')";
      for (const move of ["SELECT", CLAIM_ALL, END_ALL]) {
        await pool.query(`TRUNCATE ${JOB_TABLES}`);
        await pool.query(enqueueOne);
        await pool.query(move);
        const before = await jobsOf(pool, "jobs");

        await expect(pool.query(statement)).rejects.toMatchObject({
          code: "55000",
          message: expect.stringContaining("a job cannot be changed by"),
          hint: expect.stringMatching(/^Nothing was changed\. Use the commands of @millrace\/queue/),
        });

        expect(before).toHaveLength(1);
        expect(await jobsOf(pool, "jobs")).toEqual(before);
      }
    },
  );

  test("takes a queued job with defaults, also for NULL, and returns the job", async () => {
    const { rows } = await pool.query(
      `INSERT INTO millrace.jobs (type, queue, payload, priority, max_attempts, state)
       VALUES ('bare', NULL, NULL, NULL, NULL, NULL), ('full', 'mail', '{"n": 1}', -2, 9, 'queued')
       RETURNING to_jsonb(jobs) - ${LATER_COLUMNS} AS job`,
    );

    const returned = rows.map((row) => row.job);
    expect(returned).toMatchObject([
      {
        type: "bare",
        queue: "default",
        payload: {},
        priority: 0,
        max_attempts: 10,
        state: "queued",
        attempts: 0,
      },
      {
        type: "full",
        queue: "mail",
        payload: { n: 1 },
        priority: -2,
        max_attempts: 9,
        lease_token: 0,
        crashes: 0,
      },
    ]);
    expect(returned.map((job) => job.run_at)).toEqual(returned.map((job) => job.created_at));
    expect(await jobsOf(pool, "jobs")).toEqual(returned);
    expect(await countIn("waiting_jobs", "job_keys", "job_payloads")).toEqual([2, 0, 0]);
  });

  test.each(["running", "completed", "failed", "canceled", "sleeping"])(
    "refuses a job that is %s, and nothing is written",
    async (state) => {
      await expect(
        pool.query(
          `INSERT INTO millrace.jobs (type, state, lease_until, idempotency_key) VALUES ('t', $1, now(), 'k')`,
          [state],
        ),
      ).rejects.toMatchObject({ code: "22023", hint: expect.stringContaining("Nothing was enqueued") });

      expect(await countIn("waiting_jobs", "claims", "ended_jobs", "job_keys")).toEqual([0, 0, 0, 0]);
    },
  );

  test.each(["lease_token = 9223372036854775807", "attempts = 2147483647", "crashes = 2147483647"])(
    "refuses a job with the engine's own %s",
    async (column) => {
      const [name, value] = column.split(" = ");

      await expect(
        pool.query(`INSERT INTO millrace.jobs (type, ${name}) VALUES ('t', ${value})`),
      ).rejects.toMatchObject({ code: "22023" });

      expect(await countIn("waiting_jobs")).toEqual([0]);
    },
  );

  test.each(["SELECT", CLAIM_ALL, END_ALL])(
    "refuses the id of a job, wherever the job is: after %.20s",
    async (move) => {
      await pool.query(`TRUNCATE ${JOB_TABLES}`);
      const { rows } = await pool.query("INSERT INTO millrace.jobs (type) VALUES ('t') RETURNING id");
      await pool.query(move);

      await expect(
        pool.query("INSERT INTO millrace.jobs (id, type) VALUES ($1, 'twin')", [rows[0].id]),
      ).rejects.toMatchObject({ code: "23505" });

      expect(await jobsOf(pool, "jobs")).toMatchObject([{ id: rows[0].id, type: "t" }]);
    },
  );

  test("refuses a key that is taken, and leaves nothing of the statement", async () => {
    await pool.query("INSERT INTO millrace.jobs (type, idempotency_key) VALUES ('first', 'k')");

    await expect(
      pool.query(
        `INSERT INTO millrace.jobs (type, idempotency_key, payload)
         VALUES ('second', 'other', to_jsonb(repeat('x', 3000))), ('third', 'k', to_jsonb(repeat('x', 3000)))`,
      ),
    ).rejects.toMatchObject({ code: "23505", constraint: "job_keys_pkey" });

    expect(await jobsOf(pool, "jobs")).toMatchObject([{ type: "first", idempotency_key: "k" }]);
    expect(await countIn("waiting_jobs", "job_keys", "job_payloads")).toEqual([1, 1, 0]);
  });

  test("cannot be referenced by a foreign key", async () => {
    await expect(
      pool.query("CREATE TABLE public.orders (job_id uuid REFERENCES millrace.jobs (id))"),
    ).rejects.toMatchObject({ code: "42809", message: expect.stringContaining('"jobs" is not a table') });
  });
});

describe("a large payload", () => {
  // As JSON text, a string has two quotes besides.
  const text = (bytes: number) => `to_jsonb(repeat('x', ${bytes - 2}))`;

  test.each([
    ["the view", (payload: string) => `INSERT INTO millrace.jobs (type, payload) VALUES ('t', ${payload})`],
    ["millrace.enqueue", (payload: string) => `SELECT millrace.enqueue('t', ${payload})`],
  ])("that comes by %s is stored by itself, and read back whole", async (_way, enqueue) => {
    await pool.query(enqueue(text(2_000)));
    expect(await countIn("waiting_jobs", "job_payloads")).toEqual([1, 0]);
    await pool.query(`TRUNCATE ${JOB_TABLES}`);

    await pool.query(enqueue(text(100_000)));

    const { rows } = await pool.query(
      `SELECT w.payload AS beside, p.bytes, octet_length(p.payload::text) AS stored
       FROM millrace.waiting_jobs w JOIN millrace.job_payloads p ON p.job_id = w.id`,
    );
    expect(rows).toEqual([{ beside: null, bytes: 100_000, stored: 100_000 }]);
    expect(await jobsOf(pool, "jobs")).toMatchObject([{ payload: "x".repeat(99_998) }]);
  });
});
