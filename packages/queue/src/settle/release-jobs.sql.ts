import type { Executor } from "@millrace/base";
import { heldRuns, inIdOrder, leaseArrays, leasesWithoutRow } from "../job/held-runs.sql.ts";
import { byPolicy, HELD_POLICIES, type HeldPolicy } from "../job/lock-policy.sql.ts";
import { toState } from "../job/transitions.ts";
import { type Unwritten, unwrittenRuns } from "../job/unwritten-runs.sql.ts";
import type { Release } from "./failure-and-release.ts";

/**
 * Guarantees: only a run that still holds its lease is given back, and its attempt is refunded. An attempt is not the
 * job's fault if a stopping worker cut it short, if it never began, or if the handler only found that it was too early.
 * If a cancel was requested, the job is canceled instead. Index: the primary key. A missing row means: nothing was
 * changed; the lease was lost, or the row is locked and was skipped.
 */
const RELEASE = byPolicy(
  HELD_POLICIES,
  (policy) => `${heldRuns({ policy, transition: "release", columns: ", delay_ms", arrays: ", $3::float8[]" })}
  UPDATE millrace.jobs j
  SET state = CASE WHEN j.cancel_requested_at IS NOT NULL THEN ${toState("honourCancel")}
                   WHEN held.delay_ms IS NOT NULL THEN ${toState("snooze")} ELSE ${toState("release")} END,
      run_at = CASE WHEN held.delay_ms IS NULL OR j.cancel_requested_at IS NOT NULL THEN j.run_at
                    ELSE now() + held.delay_ms * interval '1 ms' END,
      canceled_at = CASE WHEN j.cancel_requested_at IS NOT NULL THEN now() END,
      cancel_requested_at = NULL, attempts = j.attempts - 1, lease_until = NULL, updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id, j.lease_token`,
);

/** Gives runs back to the queue and refunds their attempts. Returns the runs that it did not give back, and why. */
export async function releaseJobs(
  db: Executor,
  releases: readonly Release[],
  policy: HeldPolicy,
): Promise<Unwritten> {
  const ordered = inIdOrder(releases);
  const { rows } = await db.query(RELEASE[policy], [
    ...leaseArrays(ordered),
    ordered.map((release) => release.delayMs ?? null),
  ]);
  return unwrittenRuns(db, leasesWithoutRow(releases, rows), policy);
}
