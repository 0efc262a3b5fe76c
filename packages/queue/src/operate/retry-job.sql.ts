import type { Executor } from "@millrace/base";
import type { InsertOptions } from "../enqueue/insert-jobs.sql.ts";
import { fromGuard, toState } from "../job/transitions.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";

/** What a retry changes of a job. */
export const RETRIED = `state = ${toState("retry")}, run_at = now(), attempts = 0, crashes = 0, canceled_at = NULL,
      cancel_requested_at = NULL, updated_at = now()`;

/**
 * Guarantees: a failed or canceled job is queued again, due now, with all its attempts. Its past stays in job_attempts.
 * Sleepers are notified. Index: the primary key. No row means: there is no such job, or it is in another state.
 */
const RETRY = `
  WITH retried AS (
    UPDATE millrace.jobs j SET ${RETRIED}
    WHERE j.id = $1 AND ${fromGuard("retry")}
    RETURNING j.id, j.queue, j.priority, j.run_at
  ), ${notifySleepers("retried", "$2")}
  SELECT id FROM retried WHERE ${NOTIFIED}`;

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
