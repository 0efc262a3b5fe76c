import { inTransaction } from "@millrace/base";
import type { Pool } from "pg";

/**
 * Moves the times of jobs that ran just now back into the last hour: jobs whose error includes `incident` into its last
 * nine minutes, more and more of them; the other jobs of `mail` evenly into the time before; and all others evenly into
 * the whole hour. Then counts the minutes anew.
 *
 * Guarantees: all tables say the same; meant for a database without a running worker.
 * Index: none; reads the whole tables.
 * No row: never looked at.
 */
export async function spreadOverHour(pool: Pool, incident: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query(SHIFTS, [`%${incident}%`]);
    for (const statement of MOVES) await tx.query(statement);
    await tx.query("DELETE FROM millrace.queue_minutes");
    await tx.query(MINUTES);
  });
}

/** By how much each job moves back. The root makes the failures of the incident denser towards now. */
const SHIFTS = `
  CREATE TEMP TABLE shifts ON COMMIT DROP AS
  SELECT id,
         CASE WHEN hit THEN interval '9 min' * (1 - sqrt(place / total))
              WHEN queue = 'mail' THEN interval '9 min' + interval '51 min' * (1 - place / total)
              ELSE interval '60 min' * (1 - place / total) END AS back
  FROM (
    SELECT id, queue, hit, row_number() OVER (PARTITION BY queue, hit ORDER BY id)::float8 AS place,
           count(*) OVER (PARTITION BY queue, hit)::float8 AS total
    FROM (
      SELECT id, queue, coalesce(last_error LIKE $1, false) AS hit FROM millrace.jobs WHERE state <> 'running'
    ) AS found
  ) AS job`;

const MOVES = [
  `UPDATE millrace.ended_jobs e
   SET created_at = created_at - back, run_at = run_at - back, last_run_at = last_run_at - back,
       ended_at = ended_at - back
   FROM shifts WHERE shifts.id = e.id`,
  `UPDATE millrace.waiting_jobs w
   SET created_at = created_at - back, updated_at = updated_at - back, last_run_at = last_run_at - back
   FROM shifts WHERE shifts.id = w.id`,
  `UPDATE millrace.job_attempts a SET started_at = started_at - back, finished_at = finished_at - back
   FROM shifts WHERE shifts.id = a.job_id`,
];

const MINUTES = `
  INSERT INTO millrace.queue_minutes (minute, queue, completed, failed, retried, due, running, oldest_due_ms)
  SELECT minute, queue, sum(completed), sum(failed), sum(retried), sum(completed) / 8, 2 + sum(completed) / 10,
         CASE WHEN sum(completed) >= 8 THEN 40 + 3 * sum(completed) END
  FROM (
    SELECT date_trunc('minute', ended_at) AS minute, queue, (state = 'completed')::int AS completed,
           (state = 'failed')::int AS failed, 0 AS retried
    FROM millrace.ended_jobs
    UNION ALL
    SELECT date_trunc('minute', a.finished_at), j.queue, 0, 0, 1
    FROM millrace.job_attempts a JOIN millrace.jobs j ON j.id = a.job_id WHERE a.outcome = 'retried'
  ) AS each GROUP BY minute, queue`;
