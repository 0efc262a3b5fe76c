import type { Lease } from "../domain/job.ts";
import { rowGuard, toState } from "../domain/transitions.ts";
import { GIVEN_LEASES, HOLDS_LEASE, inIdOrder, leaseArrays, refusedOf } from "./lease-arrays.ts";
import type { Executor } from "./queryable.ts";

/** A job with an idempotency key or a schedule stays in its table: its key stays taken until it is pruned. */
const MAY_MOVE = "j.idempotency_key IS NULL AND j.schedule_id IS NULL";

/** What history keeps of a job, in the order of its columns but for `completed_at`. */
const KEPT = `id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes,
  last_error, last_run_at, created_at`;

/**
 * Guarantees: only a run that still holds its lease is completed: its job moves to history in the same statement.
 * Index: the primary key. A missing row means: the job stays in its table, or the lease was lost; nothing was
 * changed.
 */
const COMPLETE_AND_MOVE = `
  WITH gone AS (
    DELETE FROM millrace.jobs j USING ${GIVEN_LEASES}
    WHERE ${HOLDS_LEASE} AND ${rowGuard("complete")} AND ${MAY_MOVE}
    RETURNING j.*
  )
  INSERT INTO millrace.job_history (${KEPT}, completed_at)
  SELECT ${KEPT}, now() FROM gone
  RETURNING id`;

/**
 * Guarantees: only a run that still holds its lease is completed. Index: the primary key. A missing row means: the
 * lease was lost, and nothing was changed.
 */
const COMPLETE_IN_PLACE = `
  UPDATE millrace.jobs j
  SET state = ${toState("complete")}, completed_at = now(), lease_until = NULL, cancel_requested_at = NULL,
      updated_at = now()
  FROM ${GIVEN_LEASES}
  WHERE ${HOLDS_LEASE} AND ${rowGuard("complete")}
  RETURNING j.id`;

/**
 * Completes runs. Returns those refused because their lease was lost. One statement, and a second one only for runs
 * that the first did not complete: jobs that stay in their table, and those refused.
 */
export async function completeJobs(db: Executor, leases: readonly Lease[]): Promise<Lease[]> {
  const ordered = inIdOrder(leases);
  const moved = await db.query(COMPLETE_AND_MOVE, leaseArrays(ordered));
  const left = refusedOf(ordered, moved.rows);
  if (left.length === 0) return left;
  const { rows } = await db.query(COMPLETE_IN_PLACE, leaseArrays(left));
  return refusedOf(left, rows);
}
