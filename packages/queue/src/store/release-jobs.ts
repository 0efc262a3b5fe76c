import type { Lease } from "../domain/job.ts";
import { toState } from "../domain/transitions.ts";
import { heldRuns, inIdOrder, leaseArrays, refusedOf } from "./held-runs.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: only a run that still holds its lease is given back, and its attempt is refunded: an attempt that a
 * stopping worker cut short, or never began, is not the job's fault. A job asked to be canceled is canceled
 * instead. Index: the primary key. A missing row means: the lease was lost, and nothing was changed.
 */
const RELEASE = `${heldRuns("release")}
  UPDATE millrace.jobs j
  SET state = CASE WHEN j.cancel_requested_at IS NULL THEN ${toState("release")} ELSE ${toState("honourCancel")} END,
      canceled_at = CASE WHEN j.cancel_requested_at IS NOT NULL THEN now() END,
      cancel_requested_at = NULL, attempts = j.attempts - 1, lease_until = NULL, updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id`;

/** Gives runs back to the queue with the attempt refunded. Returns those refused because their lease was lost. */
export async function releaseJobs(db: Executor, leases: readonly Lease[]): Promise<Lease[]> {
  const { rows } = await db.query(RELEASE, leaseArrays(inIdOrder(leases)));
  return refusedOf(leases, rows);
}
