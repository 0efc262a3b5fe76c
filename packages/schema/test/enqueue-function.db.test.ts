import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

async function enqueue(call: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(`SELECT ${call} AS id`);
  return rows[0]?.id ?? "";
}

async function jobs(): Promise<Record<string, unknown>[]> {
  const { rows } = await pool.query(
    `SELECT id, type, payload, queue, priority, max_attempts, idempotency_key, state,
            extract(epoch FROM run_at - created_at)::int AS in_seconds
     FROM millrace.jobs ORDER BY id`,
  );
  return rows;
}

describe("millrace.enqueue", () => {
  test("a type alone makes a job with the defaults, due now, and returns its id", async () => {
    const id = await enqueue("millrace.enqueue('send')");

    expect(await jobs()).toEqual([
      {
        id,
        type: "send",
        payload: {},
        queue: "default",
        priority: 0,
        max_attempts: 10,
        idempotency_key: null,
        state: "queued",
        in_seconds: 0,
      },
    ]);
  });

  test("every parameter reaches the job, and NULL means the default", async () => {
    await enqueue(
      `millrace.enqueue('send', '{"n": 1}', queue => 'mail', priority => -5, delay => '2 minutes', max_attempts => 9,
         idempotency_key => 'k')`,
    );
    await enqueue("millrace.enqueue('send', NULL, NULL, NULL, NULL, NULL, NULL, NULL)");

    expect(await jobs()).toMatchObject([
      {
        payload: { n: 1 },
        queue: "mail",
        priority: -5,
        max_attempts: 9,
        idempotency_key: "k",
        in_seconds: 120,
      },
      { payload: {}, queue: "default", priority: 0, max_attempts: 10, idempotency_key: null },
    ]);
  });

  test("a run_at is kept as it is given, and a smallint priority is taken too", async () => {
    await enqueue("millrace.enqueue('send', run_at => '2031-05-06T07:08:09Z', priority => 7::smallint)");

    const { rows } = await pool.query("SELECT run_at, priority FROM millrace.jobs");
    expect(rows).toEqual([{ run_at: new Date("2031-05-06T07:08:09Z"), priority: 7 }]);
  });

  test("a payload of 4 MiB of text is taken, compressed or not, and one byte more is refused", async () => {
    const call = (bytes: number) => enqueue(`millrace.enqueue('t', to_jsonb(repeat('x', ${bytes - 2})))`);
    await pool.query("CREATE TABLE stored AS SELECT to_jsonb(repeat('x', 5000000)) AS payload");

    await call(4_194_304);
    await expect(call(4_194_305)).rejects.toMatchObject({ code: "22023" });
    const { rows } = await pool.query<{ size: number }>("SELECT pg_column_size(payload) AS size FROM stored");
    expect(rows[0]?.size).toBeLessThan(100_000);
    await expect(pool.query("SELECT millrace.enqueue('t', payload) FROM stored")).rejects.toThrow(
      /payload must have at most 4194304 bytes of JSON text, got 5000002/,
    );
    expect(await jobs()).toHaveLength(1);
  });

  test.each([
    ["no type", "NULL::text"],
    ["an empty type", "''"],
    ["a long type", "repeat('x', 101)"],
    ["an empty queue", "'t', queue => ''"],
    ["a priority out of range", "'t', priority => 40000"],
    ["no attempts", "'t', max_attempts => 0"],
    ["a long key", "'t', idempotency_key => repeat('k', 256)"],
    ["an empty key", "'t', idempotency_key => ''"],
    ["two times", "'t', run_at => now(), delay => '1 s'"],
    ["a negative delay", "'t', delay => '-1 s'"],
    ["a delay beyond the calendar", "'t', delay => '200 years'"],
    ["no instant at all", "'t', run_at => '-infinity'"],
  ])("%s is refused with SQLSTATE 22023 and a hint, and nothing is written", async (_what, values) => {
    await expect(enqueue(`millrace.enqueue(${values})`)).rejects.toMatchObject({
      code: "22023",
      message: expect.stringMatching(/^millrace\.enqueue: /),
      hint: expect.stringContaining("SELECT millrace.enqueue("),
    });
    expect(await jobs()).toEqual([]);
  });

  test("nothing in the search_path changes what it does", async () => {
    const client = await pool.connect();
    try {
      await client.query(`
        CREATE SCHEMA decoy;
        CREATE TABLE decoy.jobs (id uuid);
        CREATE TABLE decoy.waiting_jobs (id uuid);
        CREATE TABLE decoy.job_keys (key text PRIMARY KEY, job_id uuid);
        CREATE TABLE decoy.job_payloads (job_id uuid);
        CREATE FUNCTION decoy.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
        CREATE FUNCTION decoy.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS 'BEGIN RAISE ''decoy''; END';
        SET search_path = decoy, pg_catalog`);
      await client.query(
        "SELECT millrace.enqueue('send', to_jsonb(repeat('x', 3000)), idempotency_key => 'k')",
      );
    } finally {
      await client.query("RESET search_path; DROP SCHEMA decoy CASCADE");
      client.release();
    }

    expect(await jobs()).toHaveLength(1);
  });

  test("it runs with the caller's rights: without them nothing is enqueued", async () => {
    const client = await pool.connect();
    try {
      await client.query(
        "BEGIN; CREATE ROLE millrace_test_nobody; GRANT USAGE ON SCHEMA millrace TO millrace_test_nobody",
      );
      await client.query("SET LOCAL ROLE millrace_test_nobody");

      await expect(client.query("SELECT millrace.enqueue('send')")).rejects.toMatchObject({ code: "42501" });
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  });
});

/** Moves a queued job to the place of a state. */
const moveTo = {
  queued: async () => undefined,
  running: (id: string) =>
    pool.query(
      `WITH taken AS (DELETE FROM millrace.waiting_jobs WHERE id = $1 RETURNING *)
       INSERT INTO millrace.claims (lease_token, worker_id, queue, priority, lease_until, ids, types, payloads, run_ats,
                                    created_ats, attempts, max_attempts, crashes)
       SELECT 1, 'w', queue, priority, now(), ARRAY[id], ARRAY[type], ARRAY[payload], ARRAY[run_at], ARRAY[created_at],
              ARRAY[1], ARRAY[max_attempts], ARRAY[0] FROM taken`,
      [id],
    ),
  failed: (id: string) =>
    pool.query(
      `WITH taken AS (DELETE FROM millrace.waiting_jobs WHERE id = $1 RETURNING *)
       INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts, max_attempts,
                                        crashes, created_at, ended_at, state, idempotency_key)
       SELECT id, queue, type, payload, priority, run_at, 1, 1, max_attempts, 0, created_at, now(), 'failed',
              idempotency_key FROM taken`,
      [id],
    ),
};

describe("millrace.enqueue with a key", () => {
  test("a taken key returns the first job's id and changes nothing", async () => {
    const first = await enqueue("millrace.enqueue('pay', '1', idempotency_key => 'k')");

    expect(await enqueue("millrace.enqueue('pay', '2', idempotency_key => 'k')")).toBe(first);

    expect(await jobs()).toMatchObject([{ id: first, payload: 1 }]);
  });

  test.each([
    ["queued", "queued", "now()", false],
    ["queued", "running", "now()", true],
    ["active", "running", "now()", false],
    ["active", "failed", "now()", true],
    ["period", "queued", "now() + interval '1 hour'", false],
    ["period", "queued", "now()", true],
    [null, "failed", "now()", false],
  ] as const)(
    "the key of a job of the scope %s that is %s until %s is free: %s",
    async (scope, state, until, isFree) => {
      const first = await enqueue("millrace.enqueue('pay', '1', idempotency_key => 'k')");
      await pool.query(`UPDATE millrace.job_keys SET scope = $1, until = ${until}`, [scope]);
      await moveTo[state](first);

      const second = await enqueue("millrace.enqueue('pay', '2', idempotency_key => 'k')");

      expect(second !== first).toBe(isFree);
      expect(await jobs()).toHaveLength(isFree ? 2 : 1);
    },
  );

  test("50 calls at once with one key make one job that all are told of", async () => {
    const ids = await Promise.all(
      Array.from({ length: 50 }, () => enqueue("millrace.enqueue('race', idempotency_key => 'k')")),
    );

    expect(new Set(ids).size).toBe(1);
    expect(await jobs()).toHaveLength(1);
  });
});

describe("millrace.enqueue in the caller's transaction", () => {
  test("a trigger's job commits and rolls back with the row it is about", async () => {
    await pool.query(`
      CREATE TABLE orders (id int PRIMARY KEY, total int);
      CREATE FUNCTION on_order() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM millrace.enqueue('order-placed', to_jsonb(NEW), idempotency_key => 'order:' || NEW.id);
        RETURN NULL;
      END $$;
      CREATE TRIGGER placed AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION on_order()`);
    const client = await pool.connect();
    try {
      await client.query("BEGIN; INSERT INTO orders VALUES (1, 10); ROLLBACK");
      await client.query("BEGIN; INSERT INTO orders VALUES (2, 20), (3, 30); COMMIT");
    } finally {
      client.release();
    }

    const rows = await jobs();
    expect(rows.map((row) => row["payload"])).toEqual([
      { id: 2, total: 20 },
      { id: 3, total: 30 },
    ]);
    await pool.query("DROP TABLE orders; DROP FUNCTION on_order()");
  });

  test("a due job is notified of at the commit, whoever sleeps, and a later or duplicate one is not", async () => {
    const heard: string[] = [];
    const listener = await pool.connect();
    try {
      listener.on("notification", (message) => heard.push(message.payload ?? ""));
      await listener.query("LISTEN millrace_jobs");
      await enqueue("millrace.enqueue('t', queue => 'mail', priority => -2, idempotency_key => 'k')");
      await enqueue("millrace.enqueue('t', queue => 'mail', idempotency_key => 'k')");
      await enqueue("millrace.enqueue('t', queue => 'mail', delay => '1 hour')");
      await listener.query("BEGIN; SELECT pg_notify('millrace_jobs', 'end'); COMMIT");
      await waitFor(() => heard.at(-1) === "end", { description: "the last notification" });
    } finally {
      listener.removeAllListeners("notification");
      await listener.query("UNLISTEN *");
      listener.release();
    }

    expect(heard).toEqual(["-2:mail", "end"]);
  });
});
