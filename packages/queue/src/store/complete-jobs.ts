import type { Lease } from "../domain/job.ts";
import { rowGuard, toState } from "../domain/transitions.ts";
import { heldRuns, inIdOrder, leaseArrays, refusedOf } from "./held-runs.ts";
import type { Executor } from "./queryable.ts";

/** A job with an idempotency key or a schedule stays in its table: its key stays taken until it is pruned. */
const MAY_MOVE = "j.idempotency_key IS NULL AND j.schedule_id IS NULL";

/** What history keeps of a job, in the order of its columns but for `completed_at`. */
const KEPT = `id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes,
  last_error, last_run_at, created_at`;

/**
 * Guarantees: only a run that still holds its lease is completed: its job moves to history in the same statement.
 * Index: the primary key, run by run (see `heldRuns`). Nothing is locked beforehand, which would cost as much as the
 * deletion; so the row is found by its place, and token and state are compared again with what was read: a run that
 * changes meanwhile, if only by a renewal, is left out. A missing row means: the job stays in its table, its row
 * changed meanwhile, or the lease was lost.
 */
const COMPLETE_AND_MOVE = `
  WITH held AS MATERIALIZED (
    SELECT run.*
    FROM unnest($1::uuid[], $2::bigint[]) AS given(id, lease_token), LATERAL (
      SELECT j.ctid AS place, j.lease_token, j.state FROM millrace.jobs j
      WHERE j.id = given.id AND j.lease_token = given.lease_token AND ${rowGuard("complete")} AND ${MAY_MOVE}
      LIMIT 1
    ) AS run
  ), gone AS (
    DELETE FROM millrace.jobs j USING held
    WHERE j.ctid = held.place AND j.lease_token = held.lease_token AND j.state = held.state
    RETURNING j.*
  )
  INSERT INTO millrace.job_history (${KEPT}, completed_at)
  SELECT ${KEPT}, now() FROM gone
  RETURNING id`;

/**
 * Guarantees: only a run that still holds its lease is completed. Index: the primary key. A missing row means: the
 * lease was lost, and nothing was changed.
 */
const COMPLETE_IN_PLACE = `${heldRuns("complete")}
  UPDATE millrace.jobs j
  SET state = ${toState("complete")}, completed_at = now(), lease_until = NULL, cancel_requested_at = NULL,
      updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id`;

/**
 * Completes runs. Returns those refused because their lease was lost. One statement, and a second one only for runs
 * that the first did not complete: jobs that stay in their table, those renewed meanwhile, and those refused.
 */
export async function completeJobs(db: Executor, leases: readonly Lease[]): Promise<Lease[]> {
  const ordered = inIdOrder(leases);
  const moved = await db.query(COMPLETE_AND_MOVE, leaseArrays(ordered));
  const left = refusedOf(ordered, moved.rows);
  if (left.length === 0) return left;
  const { rows } = await db.query(COMPLETE_IN_PLACE, leaseArrays(left));
  return refusedOf(left, rows);
}
