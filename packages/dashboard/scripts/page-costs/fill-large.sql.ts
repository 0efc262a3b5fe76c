import { createQueue } from "@millrace/queue";
import type { Pool } from "pg";

/** How much to fill in. */
export interface Amounts {
  readonly waiting: number;
  readonly ended: number;
}

/** How many jobs one statement writes. */
const BATCH = 1_000_000;

/** How many claims are open, each with 128 jobs. */
const CLAIMS = 16;

/**
 * Fills a migrated database as if it had run for a week: waiting jobs of 5 queues and 20 priorities, half of them due;
 * ended jobs, 1% failed of 30 kinds and 1% canceled; and what comes with jobs.
 *
 * Guarantees: the ids grow with the times of creation, as they do when jobs are enqueued.
 * Index: none.
 * No row: never.
 */
export async function fillLarge(
  pool: Pool,
  { waiting, ended }: Amounts,
  tell: (text: string) => void,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(ID_AT);
    for (let from = 1; from <= ended; from += BATCH) {
      const to = Math.min(ended, from + BATCH - 1);
      await client.query(ENDED, [from, to, ended]);
      tell(`${to} ended jobs`);
    }
    await client.query(WAITING, [waiting]);
    tell(`${waiting} waiting jobs`);
    for (const statement of BESIDE) await client.query(statement);
    await claimSome(pool);
    await client.query("VACUUM (ANALYZE)");
  } finally {
    client.release();
  }
}

async function claimSome(pool: Pool): Promise<void> {
  const queue = createQueue(pool);
  for (let n = 0; n < CLAIMS; n++) {
    await queue.runs.claim({
      queues: [`q${n % 5}`],
      workerId: `worker-${n}`,
      limit: 128,
      leaseSeconds: 3_600,
    });
  }
}

/** As `millrace.uuid_v7()`, for another instant. */
const ID_AT = `
  CREATE FUNCTION pg_temp.id_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (overlay(lpad(to_hex((date_part('epoch', at) * 4096000)::bigint), 15, '0') PLACING '7' FROM 13 FOR 0)
            || substring(gen_random_uuid()::text FROM 20))::uuid
  $$`;

/** The frames of an error's stack, as handlers have them. */
const FRAMES = `(SELECT string_agg(E'\\n    at step' || f || ' (file:///srv/app/tasks/send.js:' || f * 7 || ':13)', '')
                 FROM generate_series(1, 6) AS f)`;

/** Jobs number $1 to $2 of $3. A kind's name has no digits, because digits count as the same. */
const ENDED = `
  INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts,
    max_attempts, crashes, last_error, last_run_at, created_at, ended_at, output, state, settings)
  SELECT pg_temp.id_at(at), 'q' || kind % 5, 'task-' || kind % 10,
         jsonb_build_object('order', n, 'to', 'customer-' || n || '@example.com', 'lines', n % 7),
         n % 20, at, n, 'worker-' || n % 20, CASE WHEN state = 'failed' THEN 3 ELSE 1 END, 3, 0,
         CASE WHEN state = 'failed'
              THEN 'Error: the service ' || translate(kind::text, '0123456789', 'abcdefghij')
                   || ' did not answer for order ' || n || frames END,
         at + interval '1 s', at, at + interval '2 s',
         CASE WHEN state = 'completed' THEN jsonb_build_object('messageId', 'm-' || n) END, state,
         CASE WHEN n % 200 = 7 THEN '{"tags": ["vip"]}'::jsonb END
  FROM (
    SELECT n, (n / 100 + n) % 30 AS kind, now() - interval '7 days' * (1 - n::float8 / $3::float8) AS at,
           CASE n % 100 WHEN 0 THEN 'failed' WHEN 50 THEN 'canceled' ELSE 'completed' END AS state
    FROM generate_series($1::int, $2::int) AS n
  ) AS job, (SELECT ${FRAMES} AS frames) AS stack`;

const WAITING = `
  INSERT INTO millrace.waiting_jobs (id, queue, type, payload, priority, run_at, max_attempts, created_at, updated_at)
  SELECT pg_temp.id_at(at), 'q' || n % 5, 'task-' || n % 10,
         jsonb_build_object('order', n, 'to', 'customer-' || n || '@example.com', 'lines', n % 7),
         n / 5 % 20, CASE WHEN n % 2 = 0 THEN at ELSE now() + interval '1 day' * random() END, 10, at, at
  FROM (
    SELECT n, now() - interval '1 hour' * (1 - n::float8 / $1::float8) AS at FROM generate_series(1, $1::int) AS n
  ) AS job`;

/** What comes with jobs: attempts, minutes, workers, schedules with ticks, and the audit log. */
const BESIDE = [
  `INSERT INTO millrace.job_attempts (job_id, lease_token, attempt, worker_id, started_at, finished_at, outcome, error)
   SELECT e.id, e.lease_token * 3 + attempt, attempt, e.worker_id, e.created_at, e.ended_at,
          CASE attempt WHEN 3 THEN 'failed' ELSE 'retried' END, e.last_error
   FROM millrace.ended_jobs e, generate_series(1, 3) AS attempt WHERE e.state = 'failed'`,
  `INSERT INTO millrace.queue_minutes (minute, queue, completed, failed, retried, due, running, oldest_due_ms)
   SELECT date_trunc('minute', now()) - minute * interval '1 min', 'q' || q, 200, 2, 4, 1000, 400, 900
   FROM generate_series(8 * 1440 - 1, 0, -1) AS minute, generate_series(0, 4) AS q ORDER BY 1, 2`,
  `INSERT INTO millrace.workers (worker_id, queues, types, concurrency, release, counts)
   SELECT 'worker-' || n, ARRAY['q0', 'q1', 'q2', 'q3', 'q4'],
          ARRAY(SELECT 'task-' || t FROM generate_series(0, 9) AS t),
          128, '0.1.0', '{"completed": 500000}'
   FROM generate_series(0, 19) AS n`,
  `INSERT INTO millrace.job_schedules (name, job_type, queue, cron_expr, next_run_at)
   SELECT 'schedule-' || n, 'task-' || n % 10, 'q' || n % 5, '*/5 * * * *', now() + interval '5 min'
   FROM generate_series(10, 59) AS n`,
  `INSERT INTO millrace.job_schedule_ticks (schedule_id, tick_at, outcome, job_id)
   SELECT s.id, now() - tick * interval '5 min', 'enqueued', job.id
   FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM millrace.job_schedules) AS s,
        generate_series(1, 100) AS tick,
        LATERAL (SELECT e.id FROM millrace.ended_jobs e ORDER BY e.id DESC
                 OFFSET (s.place * 100 + tick) LIMIT 1) AS job`,
  `INSERT INTO millrace.audit_log (at, command_id, who, via, action, filter, changed, before)
   SELECT now() - n * interval '5 min', gen_random_uuid(), 'ada', 'millrace queues pause', 'pause',
          jsonb_build_object('name', 'q' || n % 5), 1, '[{"pausedAt": null}]'
   FROM generate_series(2000, 1, -1) AS n`,
];
