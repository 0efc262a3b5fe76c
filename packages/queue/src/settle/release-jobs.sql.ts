import type { Executor } from "@millrace/base";
import { heldRuns, type IfLocked, inIdOrder, leaseArrays, refusedOf } from "../job/held-runs.sql.ts";
import { toState } from "../job/transitions.ts";
import { leftOut, type PassedOver } from "../job/unwritten-runs.sql.ts";
import type { Release } from "./settlement.ts";

/**
 * Guarantees: only a run that still holds its lease is given back, and its attempt is refunded: an attempt that a
 * stopping worker cut short, that never began, or that only found that it was too early, is not the job's fault. A job
 * asked to be canceled is canceled instead. Index: the primary key. A missing row means: nothing was changed;
 * the lease was lost, or the row is locked and passed over.
 */
const release = (
  ifLocked: IfLocked,
) => `${heldRuns("release", { columns: ", delay_ms", arrays: ", $3::float8[]", ifLocked })}
  UPDATE millrace.jobs j
  SET state = CASE WHEN j.cancel_requested_at IS NOT NULL THEN ${toState("honourCancel")}
                   WHEN held.delay_ms IS NOT NULL THEN ${toState("snooze")} ELSE ${toState("release")} END,
      run_at = CASE WHEN held.delay_ms IS NULL OR j.cancel_requested_at IS NOT NULL THEN j.run_at
                    ELSE now() + held.delay_ms * interval '1 ms' END,
      canceled_at = CASE WHEN j.cancel_requested_at IS NOT NULL THEN now() END,
      cancel_requested_at = NULL, attempts = j.attempts - 1, lease_until = NULL, updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id, j.lease_token`;

const RELEASE = release("wait");
const RELEASE_UNLOCKED = release("pass over");

/** Gives runs back to the queue with the attempt refunded. Returns those it did not give back, and why. */
export async function releaseJobs(
  db: Executor,
  releases: readonly Release[],
  ifLocked: IfLocked,
): Promise<PassedOver> {
  const ordered = inIdOrder(releases);
  const { rows } = await db.query(ifLocked === "wait" ? RELEASE : RELEASE_UNLOCKED, [
    ...leaseArrays(ordered),
    ordered.map((release) => release.delayMs ?? null),
  ]);
  return leftOut(db, refusedOf(releases, rows), ifLocked);
}
