import type { Completion, Lease } from "../domain/job.ts";
import { rowGuard, toState } from "../domain/transitions.ts";
import { heldRuns, inIdOrder, leaseArrays, refusedOf } from "./held-runs.ts";
import type { Executor } from "./queryable.ts";

/**
 * A job with a schedule, or with an idempotency key that is still its own when it has ended, stays in its table: its
 * key stays taken until it is pruned, or for its period.
 */
const MAY_MOVE =
  "(j.idempotency_key IS NULL OR j.key_scope IN ('queued', 'active')) AND j.schedule_id IS NULL";

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
const completeAndMove = ({ withOutput }: { withOutput: boolean }) => `
  WITH held AS MATERIALIZED (
    SELECT run.*${withOutput ? ", given.output AS result" : ""}
    FROM unnest($1::uuid[], $2::bigint[]${withOutput ? ", $3::jsonb[]" : ""})
           AS given(id, lease_token${withOutput ? ", output" : ""}), LATERAL (
      SELECT j.ctid AS place, j.lease_token, j.state FROM millrace.jobs j
      WHERE j.id = given.id AND j.lease_token = given.lease_token AND ${rowGuard("complete")} AND ${MAY_MOVE}
      LIMIT 1
    ) AS run
  ), gone AS (
    DELETE FROM millrace.jobs j USING held
    WHERE j.ctid = ANY(ARRAY(SELECT place FROM held))
      AND j.ctid = held.place AND j.lease_token = held.lease_token AND j.state = held.state
    RETURNING j.*${withOutput ? ", held.result" : ""}
  )
  INSERT INTO millrace.job_history (${KEPT}, completed_at${withOutput ? ", output" : ""})
  SELECT ${KEPT}, now()${withOutput ? ", result" : ""} FROM gone
  RETURNING id`;

/** Most handlers return nothing, and their batches carry nothing for it. */
const COMPLETE_AND_MOVE = completeAndMove({ withOutput: false });
const COMPLETE_AND_MOVE_WITH_OUTPUT = completeAndMove({ withOutput: true });

/**
 * Guarantees: only a run that still holds its lease is completed. Index: the primary key. A missing row means: the
 * lease was lost, and nothing was changed.
 */
const COMPLETE_IN_PLACE = `${heldRuns("complete", { columns: ", output", arrays: ", $3::jsonb[]" })}
  UPDATE millrace.jobs j
  SET state = ${toState("complete")}, completed_at = now(), lease_until = NULL, cancel_requested_at = NULL,
      output = held.output, updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id`;

/**
 * Completes runs. Returns those refused because their lease was lost. One statement, and a second one only for runs
 * that the first did not complete: jobs that stay in their table, those renewed meanwhile, and those refused.
 */
export async function completeJobs(db: Executor, completions: readonly Completion[]): Promise<Lease[]> {
  const ordered = inIdOrder(completions);
  const moved = ordered.some((completion) => completion.output != null)
    ? await db.query(COMPLETE_AND_MOVE_WITH_OUTPUT, valuesOf(ordered))
    : await db.query(COMPLETE_AND_MOVE, leaseArrays(ordered));
  const left = new Set(refusedOf(ordered, moved.rows).map((lease) => lease.id));
  if (left.size === 0) return [];
  const again = ordered.filter((completion) => left.has(completion.id));
  const { rows } = await db.query(COMPLETE_IN_PLACE, valuesOf(again));
  return refusedOf(again, rows);
}

function valuesOf(completions: readonly Completion[]): unknown[] {
  return [...leaseArrays(completions), completions.map((completion) => completion.output ?? null)];
}
