import { fromGuard, toState } from "../domain/transitions.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: a failed or canceled job is queued again, due now, with all its attempts; its past stays in
 * job_attempts. Index: the primary key. No row means: there is no such job, or it is in another state.
 */
const RETRY = `
  UPDATE millrace.jobs j
  SET state = ${toState("retry")}, run_at = now(), attempts = 0, crashes = 0, canceled_at = NULL,
      cancel_requested_at = NULL, updated_at = now()
  WHERE j.id = $1 AND ${fromGuard("retry")}
  RETURNING j.id`;

/** Queues a failed or canceled job again; false when there is no such job in those states. */
export async function retryJob(db: Executor, id: string): Promise<boolean> {
  const { rows } = await db.query(RETRY, [id]);
  return rows.length > 0;
}
