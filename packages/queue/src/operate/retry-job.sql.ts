import type { Executor } from "@millrace/base";
import type { InsertOptions } from "../enqueue/insert-jobs.sql.ts";
import { insertFrom } from "../job/places.sql.ts";
import { isFrom } from "../job/transitions.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";

/**
 * The CTEs that queue the jobs of a relation `again`, which the statement has deleted from `ended_jobs`. The jobs are
 * due now, and have all their attempts again. `requeued` has the lanes of the jobs. Old cancel requests are deleted.
 */
export const REQUEUED = `requeued AS (
    ${insertFrom("waiting_jobs", "again", { run_at: "now()", attempts: "0", crashes: "0" })}
    RETURNING id, queue, priority, run_at
  ), forgotten AS (
    DELETE FROM millrace.cancel_requests AS asked USING again WHERE asked.job_id = again.id
  )`;

/**
 * Guarantees: queues a failed or canceled job again, due now, with all its attempts. The rows of job_attempts stay.
 * Notifies sleeping workers.
 * Index: the primary key of ended_jobs.
 * No row: no job has this id, or the job is in another state.
 */
const RETRY = `
  WITH again AS (
    DELETE FROM millrace.ended_jobs j WHERE j.id = $1 AND ${isFrom("retry", "j.state")} RETURNING j.*
  ), ${REQUEUED}, ${notifySleepers("requeued", "$2")}
  SELECT id FROM requeued WHERE ${NOTIFIED}`;

/**
 * Queues a failed or canceled job again. Returns false if no such job exists, or the job is in another state. A retry
 * that commits later than its statement always notifies, because a worker may fall asleep before the commit.
 */
export async function retryJob(
  db: Executor,
  id: string,
  { commitsAtOnce }: Pick<InsertOptions, "commitsAtOnce">,
): Promise<boolean> {
  const { rows } = await db.query(RETRY, [id, !commitsAtOnce]);
  return rows.length > 0;
}
