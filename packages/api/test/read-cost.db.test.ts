import type { Executor } from "@millrace/base";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { readJobEvents } from "../src/store/read-job-events.sql.ts";
import { readSchedulePayloads } from "../src/store/read-schedule-payloads.sql.ts";
import { readScheduleTicks } from "../src/store/read-schedule-ticks.sql.ts";
import { readScheduleFigures } from "../src/store/schedule-figures.sql.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

const SCHEDULES = 50;
const FEW = 2_000;
const MANY = 20_000;

/** Fills the database with so many waiting and so many ended jobs. Returns what the reads are about. */
async function filled(jobs: number): Promise<{ scheduleIds: string[]; jobIds: string[] }> {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_schedules CASCADE`);
  await pool.query(
    `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                      max_attempts, crashes, created_at, ended_at, state)
     SELECT millrace.uuid_v7(), 'default', 't', '{}', 0, now(), 1, 1, 3, 0, now(), now(), 'completed'
     FROM generate_series(1, $1::int) n`,
    [jobs],
  );
  await pool.query(
    "INSERT INTO millrace.waiting_jobs (queue, type) SELECT 'q' || n % 20, 't' FROM generate_series(1, $1::int) n",
    [jobs],
  );
  const { rows: schedules } = await pool.query<{ id: string }>(
    `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, next_run_at)
     SELECT 's' || n, 't', '0 0 1 1 *', now() FROM generate_series(1, $1::int) n RETURNING id`,
    [SCHEDULES],
  );
  await pool.query(
    `WITH job AS (SELECT e.id, row_number() OVER () AS n FROM millrace.ended_jobs e LIMIT ${20 * SCHEDULES})
     INSERT INTO millrace.job_schedule_ticks (schedule_id, tick_at, outcome, job_id)
     SELECT s.id, now() - tick * interval '1 hour', 'enqueued', job.id
     FROM (SELECT id, row_number() OVER () AS n FROM millrace.job_schedules) AS s, generate_series(1, 20) AS tick
     JOIN job ON true WHERE job.n = (s.n - 1) * 20 + tick`,
  );
  await pool.query("ANALYZE millrace.ended_jobs, millrace.waiting_jobs, millrace.job_schedules");
  const { rows: some } = await pool.query<{ id: string }>(
    `(SELECT id FROM millrace.ended_jobs ORDER BY id LIMIT 100)
     UNION ALL (SELECT id FROM millrace.waiting_jobs ORDER BY id LIMIT 100)`,
  );
  return { scheduleIds: schedules.map(({ id }) => id), jobIds: some.map(({ id }) => id) };
}

/** How many pages of 8 kB a read takes. */
async function pagesOf(read: (db: Executor) => Promise<unknown>): Promise<number> {
  let pages = 0;
  await read({
    async query(text, values) {
      const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
      const plan = rows[0]["QUERY PLAN"][0].Plan;
      pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
      return pool.query(text, values);
    },
  });
  return pages;
}

async function costs(jobs: number) {
  const { scheduleIds, jobIds } = await filled(jobs);
  return {
    ticks: await pagesOf((db) => readScheduleTicks(db, scheduleIds, 20)),
    payloads: await pagesOf((db) => readSchedulePayloads(db, scheduleIds, 1_000)),
    figures: await pagesOf((db) => readScheduleFigures(db)),
    events: await pagesOf((db) => readJobEvents(db, jobIds)),
  };
}

test(`reads of the API take as many pages among ${MANY} jobs as among ${FEW}`, async () => {
  const few = await costs(FEW);
  const many = await costs(MANY);

  // An index of ten times as many rows may be one level higher.
  expect(many.ticks).toBeLessThan(few.ticks * 1.5);
  expect(many.events).toBeLessThan(few.events * 1.5);
  expect(many.payloads).toBeLessThan(few.payloads + 10);
  expect(many.figures).toBeLessThan(few.figures + 10);
  expect(many.ticks).toBeLessThan(20 * SCHEDULES * 5);
  expect(many.events).toBeLessThan(200 * 8);
});
