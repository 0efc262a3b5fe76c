import type { Executor } from "@millrace/base";
import type { InsertOptions } from "../enqueue/insert-jobs.sql.ts";
import { insertFrom } from "../job/places.sql.ts";
import { isFrom } from "../job/transitions.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";

/**
 * The CTEs that queue the jobs of a relation `again`, which were just taken out of `ended_jobs`: due now, with all
 * their attempts. `requeued` has their lanes. A request to cancel that came too late for an earlier run is forgotten.
 */
export const REQUEUED = `requeued AS (
    ${insertFrom("waiting_jobs", "again", { run_at: "now()", attempts: "0", crashes: "0" })}
    RETURNING id, queue, priority, run_at
  ), forgotten AS (
    DELETE FROM millrace.cancel_requests AS asked USING again WHERE asked.job_id = again.id
  )`;

/**
 * Guarantees: a failed or canceled job is queued again, due now, with all its attempts. Its past stays in job_attempts.
 * Sleepers are notified.
 * Index: the primary key of ended_jobs.
 * No row: there is no such job, or it is in another state.
 */
const RETRY = `
  WITH again AS (
    DELETE FROM millrace.ended_jobs j WHERE j.id = $1 AND ${isFrom("retry", "j.state")} RETURNING j.*
  ), ${REQUEUED}, ${notifySleepers("requeued", "$2")}
  SELECT id FROM requeued WHERE ${NOTIFIED}`;

/**
 * Queues a failed or canceled job again; false when there is no such job in those states. A retry that commits later
 * than its statement always notifies, as an insert does.
 */
export async function retryJob(
  db: Executor,
  id: string,
  { commitsAtOnce }: Pick<InsertOptions, "commitsAtOnce">,
): Promise<boolean> {
  const { rows } = await db.query(RETRY, [id, !commitsAtOnce]);
  return rows.length > 0;
}
