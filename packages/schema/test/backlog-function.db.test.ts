import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_queues`);
});

async function backlog(call = "'mail'"): Promise<{ due: number; running: number } | undefined> {
  const text = `SELECT due::int, running::int FROM millrace.backlog(${call})`;
  return (await pool.query<{ due: number; running: number }>(text)).rows[0];
}

/** Inserts jobs of the queue `mail`, unless another is named, into so many priorities. */
async function insert(
  count: number,
  {
    queue = "mail",
    runAt = "now()",
    priorities = 1,
  }: { queue?: string; runAt?: string; priorities?: number } = {},
): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.jobs (type, queue, priority, run_at)
     SELECT 't', $2, n % $3, ${runAt} FROM generate_series(1, $1) n`,
    [count, queue, priorities],
  );
}

/** Inserts a claim with so many jobs, of which so many are open; null: all. */
async function insertClaim(jobs: number, open: number | null): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.claims (lease_token, worker_id, queue, priority, lease_until, ids, types, payloads, run_ats,
       created_ats, attempts, max_attempts, crashes, open)
     SELECT 1, 'w', 'mail', 0, now() + interval '1 minute', array_agg(gen_random_uuid()), array_agg('t'::varchar),
            array_agg('{}'::jsonb), array_agg(now()), array_agg(now()), array_agg(1), array_agg(3), array_agg(0),
            (SELECT array_agg(n::smallint) FROM generate_series(1, $2::int) n)
     FROM generate_series(1, $1::int)`,
    [jobs, open],
  );
}

describe("millrace.backlog", () => {
  test("counts the due jobs of all priorities of the queue, and not those due later or of other queues", async () => {
    await insert(7, { priorities: 3 });
    await insert(2, { runAt: "now() + interval '1 hour'" });
    await insert(1, { runAt: "'infinity'" });
    await insert(4, { queue: "other" });

    expect(await backlog()).toEqual({ due: 7, running: 0 });
  });

  test("counts the open jobs of claims", async () => {
    await insertClaim(5, null);
    await insertClaim(5, 2);

    expect(await backlog()).toEqual({ due: 0, running: 7 });
  });

  test("is one row of zeros for a queue without jobs, and for none", async () => {
    expect(await backlog()).toEqual({ due: 0, running: 0 });
    expect(await backlog("NULL")).toEqual({ due: 0, running: 0 });
  });

  test("counts no further than it is asked to", async () => {
    await insert(30, { priorities: 4 });

    expect(await backlog("'mail', 12")).toEqual({ due: 12, running: 0 });
    expect(await backlog("'mail', NULL")).toEqual({ due: 30, running: 0 });
    expect(await backlog("'mail', -1")).toEqual({ due: 1, running: 0 });
  });

  test("has no due jobs while the queue is paused", async () => {
    await insert(3);
    await insertClaim(2, null);
    await pool.query("INSERT INTO millrace.job_queues (name, paused_at) VALUES ('mail', now())");

    expect(await backlog()).toEqual({ due: 0, running: 2 });

    await pool.query("UPDATE millrace.job_queues SET paused_at = NULL");
    expect(await backlog()).toEqual({ due: 3, running: 2 });
  });

  test("reads no more of a deep queue than it counts", async () => {
    await insert(20_000, { priorities: 2 });
    await pool.query("VACUUM ANALYZE millrace.waiting_jobs");
    const pagesRead = async (max: number) => {
      const { rows } = await pool.query<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM millrace.backlog('mail', ${max})`,
      );
      const [{ Plan }] = rows[0]?.["QUERY PLAN"] ?? [{ Plan: {} }];
      return (Plan["Shared Hit Blocks"] ?? 0) + (Plan["Shared Read Blocks"] ?? 0);
    };
    // The first call of a session also reads the catalog, to plan.
    await pagesRead(1);

    const few = await pagesRead(100);
    const all = await pagesRead(20_000);

    expect(few).toBeGreaterThan(0);
    expect(all).toBeGreaterThan(4 * few);
  });
});
