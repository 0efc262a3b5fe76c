import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { createQueue, type Executor, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;

/** What a dashboard asks. Each must cost the same, however many jobs wait and have ended. */
const READS: Readonly<Record<string, (queue: Queue) => Promise<unknown>>> = {
  depths: (queue) => queue.depths({ max: 50 }),
  "a count of all": (queue) => queue.count({}, { max: 100 }),
  "a count of what no job is": (queue) => queue.count({ type: "none" }, { rows: 300 }),
  "a count in a queue": (queue) => queue.count({ queue: "q1", type: "none" }, { rows: 300 }),
  "a count of failed jobs": (queue) => queue.count({ state: "failed", type: "none" }, { rows: 30 }),
  "a count by a payload": (queue) => queue.count({ payloadContains: { n: -1 } }, { rows: 300 }),
  "a search": (queue) => queue.search({}, { rows: 300 }),
  "a search that finds its page at once": (queue) => queue.search({ limit: 10 }, { rows: 1_000_000 }),
  "a search for failed jobs that finds its page at once": (queue) =>
    queue.search({ state: "failed", limit: 10 }, { rows: 1_000_000 }),
  "a search by due time that finds its page at once": (queue) =>
    queue.search({ order: "oldest-due", limit: 10 }, { rows: 4_000 }),
  "a search for what no job is": (queue) => queue.search({ type: "none" }, { rows: 300 }),
  "a search for failed jobs": (queue) =>
    queue.search({ state: "failed", errorIncludes: "none" }, { rows: 30 }),
  "a search by time": (queue) => queue.search({ createdBefore: LONG_AGO, type: "none" }, { rows: 300 }),
  "a search by due time": (queue) => queue.search({ order: "oldest-due" }, { rows: 300 }),
  "a search by due time for what no job is": (queue) =>
    queue.search({ order: "oldest-due", type: "none" }, { rows: 300 }),
  "the first failures": (queue) => queue.failures({ jobs: 10 }),
  "the failures of a time": (queue) => queue.failures({ finishedAfter: new Date(), rows: 300 }),
  "the ids of a kind": (queue) =>
    queue.idsOfKind({ type: "t", queue: "q0", fingerprint: "Error: e" }, { limit: 5 }),
};

const LONG_AGO = new Date(Date.now() - 40 * 86_400_000);

/** How many jobs wait, and how many have ended. */
async function fill(jobs: number): Promise<void> {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
  await pool.query(
    `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                      max_attempts, crashes, created_at, ended_at, state, last_error)
     SELECT (lpad(to_hex(at), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, 'q' || n % 4, 't', '{"n": 1}',
            0, now(), 1, 1, 3, 0, to_timestamp(at / 1000.0), to_timestamp(at / 1000.0),
            CASE WHEN n % 3 > 0 THEN 'failed' ELSE 'completed' END, CASE WHEN n % 3 > 0 THEN 'Error: e' END
     FROM generate_series(1, $1::int) n,
          LATERAL (
            SELECT (extract(epoch FROM now()) * 1000 - (($1 - n) * 90 * 86400000.0 / $1))::bigint AS at
          ) AS time`,
    [jobs],
  );
  await pool.query(
    `INSERT INTO millrace.waiting_jobs (queue, type, priority, run_at)
     SELECT 'q' || n % 4, 't', n % 5, now() + (n * 7919 % $1::int - $1 / 2) * interval '1 second'
     FROM generate_series(1, $1::int) n`,
    [jobs],
  );
  await pool.query("VACUUM (ANALYZE) millrace.ended_jobs, millrace.waiting_jobs");
}

/** How many pages of 8 kB each read reads. */
async function pagesOfEach(): Promise<Record<string, number>> {
  const pages: Record<string, number> = {};
  for (const [name, read] of Object.entries(READS)) {
    const explaining: Executor = {
      async query(text, values) {
        const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
        const plan = rows[0]["QUERY PLAN"][0].Plan;
        pages[name] = (pages[name] ?? 0) + plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
        return pool.query(text, values);
      },
    };
    await read(createQueue(explaining));
  }
  return pages;
}

let few: Record<string, number>;
let many: Record<string, number>;

beforeAll(async () => {
  pool = database.pool();
  await fill(4_000);
  few = await pagesOfEach();
  await fill(40_000);
  many = await pagesOfEach();
}, 180_000);

test.each(Object.keys(READS))("of ten times as many jobs, %s reads no more pages", (name) => {
  const [before = 0, after = Number.POSITIVE_INFINITY] = [few[name], many[name]];

  expect(before).toBeGreaterThan(0);
  // A higher index has some more pages to go through, and rows of one lane lie further apart.
  expect(after).toBeLessThan(2 * before + 50);
  expect(after).toBeLessThan(1_500);
});
