import type { Executor } from "@millrace/base";
import type { InsertOptions } from "../enqueue/insert-jobs.sql.ts";
import { insertFrom } from "../job/places.sql.ts";
import { isFrom } from "../job/transitions.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import { settingsToRunNow, WAITS_FOR, WAITS_FOR_OTHER } from "./waits-for-other.sql.ts";

/** The SQL condition under which an ended job `j` can be retried. */
export const CAN_RETRY = `${isFrom("retry", "j.state")} AND NOT ${WAITS_FOR_OTHER}`;

/**
 * The CTEs that queue the jobs of a relation `again`, which the statement has deleted from `ended_jobs`. The jobs are
 * due now, and have all their attempts again. `requeued` has the lanes of the jobs. Old cancel requests are deleted.
 */
export const REQUEUED = `requeued AS (
    ${insertFrom("waiting_jobs", "again", {
      run_at: "now()",
      attempts: "0",
      crashes: "0",
      settings: settingsToRunNow("r.settings", "r.lease_token > 0"),
    })}
    RETURNING id, queue, priority, run_at
  ), forgotten AS (
    DELETE FROM millrace.cancel_requests AS asked USING again WHERE asked.job_id = again.id
  )`;

/**
 * Guarantees: queues an ended job again, due now, with all its attempts. Its output is gone; the rows of job_attempts
 * stay. Leaves a job that waits for another job of its key unchanged. Notifies sleeping workers.
 * Index: the primary key of ended_jobs.
 * No row: no job has this id, or the job has not ended.
 */
const RETRY = `
  WITH found AS MATERIALIZED (
    SELECT ${WAITS_FOR} AS waits_for FROM millrace.ended_jobs j WHERE j.id = $1
  ), again AS (
    DELETE FROM millrace.ended_jobs j WHERE j.id = $1 AND ${CAN_RETRY} RETURNING j.*
  ), ${REQUEUED}, ${notifySleepers("requeued", "$2")}
  SELECT found.waits_for AS "waitsFor" FROM found
  WHERE ${NOTIFIED} AND (found.waits_for IS NOT NULL OR EXISTS (SELECT FROM requeued))`;

/** What became of a job that was to be queued again, or to run now. */
export interface Requeued {
  /** The job whose end this job waits for: then nothing was changed. Null: the job is queued, and due now. */
  waitsFor: string | null;
}

/**
 * Queues an ended job again. Returns null if no such job exists, or the job has not ended. A retry that commits later
 * than its statement always notifies, because a worker may fall asleep before the commit.
 */
export async function retryJob(
  db: Executor,
  id: string,
  { commitsAtOnce }: Pick<InsertOptions, "commitsAtOnce">,
): Promise<Requeued | null> {
  const { rows } = await db.query(RETRY, [id, !commitsAtOnce]);
  return (rows as Requeued[])[0] ?? null;
}
