import type { Executor } from "@millrace/base";
import { isLockTimeout } from "@millrace/base";
import { heldRuns, inIdOrder, leaseArrays, leasesWithoutRow, runKey } from "../job/held-runs.sql.ts";
import type { Completion } from "../job/job.ts";
import {
  byPolicy,
  HELD_POLICIES,
  LOCK_POLICIES,
  type LockPolicy,
  lockTimeout,
} from "../job/lock-policy.sql.ts";
import { rowGuard, toState } from "../job/transitions.ts";
import { type Unwritten, unwrittenRuns } from "../job/unwritten-runs.sql.ts";

/**
 * A job moves to history unless it has a schedule, or an idempotency key that it still holds after its end. Such a key
 * stays taken until the job is pruned, or for its period, so the job stays in its table.
 */
const MAY_MOVE =
  "(j.idempotency_key IS NULL OR j.key_scope IN ('queued', 'active')) AND j.schedule_id IS NULL";

/** The columns that history keeps of a job, in the order of its table, without `completed_at`. */
const KEPT = `id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes,
  last_error, last_run_at, created_at`;

/**
 * Guarantees: only a run that still holds its lease is completed: its job moves to history in the same statement.
 * Index: the primary key, run by run (see `heldRuns`).
 *
 * Without row locks, the row is deleted by ctid, and token and state are compared again. A row that changed meanwhile,
 * for instance by a renewal, is left out. Returns one row: null if every run was moved, else the moved runs. A run that
 * was not moved stays in its table, changed meanwhile, was locked, or has lost its lease.
 *
 * The policy `skip` locks rows first, which costs as much as the delete. The policy `wait briefly` costs nothing until
 * a row is locked.
 */
function completeAndMove(policy: LockPolicy, { withOutput }: { withOutput: boolean }): string {
  const { cte, join } = lockTimeout(policy);
  return `
  WITH ${cte}held AS MATERIALIZED (
    SELECT run.*${withOutput ? ", given.output AS result" : ""}
    FROM ${join}unnest($1::uuid[], $2::bigint[]${withOutput ? ", $3::jsonb[]" : ""})
           AS given(id, lease_token${withOutput ? ", output" : ""}), LATERAL (
      SELECT j.ctid AS row_ctid, j.lease_token, j.state FROM millrace.jobs j
      WHERE j.id = given.id AND j.lease_token = given.lease_token AND ${rowGuard("complete")} AND ${MAY_MOVE}
      LIMIT 1
      ${policy === "skip" ? "FOR UPDATE SKIP LOCKED" : ""}
    ) AS run
  ), gone AS (
    DELETE FROM millrace.jobs j USING held
    WHERE j.ctid = ANY(ARRAY(SELECT row_ctid FROM held))
      AND j.ctid = held.row_ctid AND j.lease_token = held.lease_token AND j.state = held.state
    RETURNING j.*${withOutput ? ", held.result" : ""}
  ), moved AS (
    INSERT INTO millrace.job_history (${KEPT}, completed_at${withOutput ? ", output" : ""})
    SELECT ${KEPT}, now()${withOutput ? ", result" : ""} FROM gone
    RETURNING id, lease_token
  )
  SELECT CASE WHEN count(*) < cardinality($1::uuid[])
              THEN coalesce(string_agg(id || ' ' || lease_token, ','), '') END AS some
  FROM moved`;
}

/** Most handlers return nothing. A batch without outputs has no column for them. */
const MOVE = {
  bare: byPolicy(LOCK_POLICIES, (policy) => completeAndMove(policy, { withOutput: false })),
  withOutput: byPolicy(LOCK_POLICIES, (policy) => completeAndMove(policy, { withOutput: true })),
};

/**
 * Guarantees: only a run that still holds its lease is completed. Index: the primary key. A missing row means: nothing
 * was changed; the lease was lost, or the row is locked and was skipped.
 */
const COMPLETE_IN_PLACE = byPolicy(
  HELD_POLICIES,
  (policy) => `${heldRuns({ policy, transition: "complete", columns: ", output", arrays: ", $3::jsonb[]" })}
  UPDATE millrace.jobs j
  SET state = ${toState("complete")}, completed_at = now(), lease_until = NULL, cancel_requested_at = NULL,
      output = held.output, updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id, j.lease_token`,
);

/**
 * Completes runs. Returns the runs that it did not complete, and why. One statement, and a second one only for runs
 * that the first did not move: jobs that stay in their table, runs renewed meanwhile, and refused runs. With the policy
 * `wait briefly`, a completion never fails because of a lock: it begins again, and skips locked rows.
 */
export async function completeJobs(
  db: Executor,
  completions: readonly Completion[],
  policy: LockPolicy,
): Promise<Unwritten> {
  const ordered = inIdOrder(completions);
  try {
    const left = await move(db, ordered, policy);
    if (left.length === 0) return { refused: [], locked: [] };
    const inPlace = policy === "wait" ? "wait" : "skip";
    const { rows } = await db.query(COMPLETE_IN_PLACE[inPlace], valuesOf(left));
    return await unwrittenRuns(db, leasesWithoutRow(left, rows), inPlace);
  } catch (error) {
    if (policy !== "wait briefly" || !isLockTimeout(error)) throw error;
    return completeJobs(db, completions, "skip");
  }
}

/** Moves completed jobs to history. Returns the runs that it did not move. */
async function move(
  db: Executor,
  completions: readonly Completion[],
  policy: LockPolicy,
): Promise<Completion[]> {
  const { rows } = completions.some((completion) => completion.output != null)
    ? await db.query(MOVE.withOutput[policy], valuesOf(completions))
    : await db.query(MOVE.bare[policy], leaseArrays(completions));
  const some = (rows as { some: string | null }[])[0]?.some ?? null;
  if (some === null) return [];
  const moved = new Set(some.split(","));
  return completions.filter((completion) => !moved.has(runKey(completion)));
}

function valuesOf(completions: readonly Completion[]): unknown[] {
  return [...leaseArrays(completions), completions.map((completion) => completion.output ?? null)];
}
