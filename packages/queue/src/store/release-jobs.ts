import type { Lease } from "../domain/job.ts";
import { toState } from "../domain/transitions.ts";
import type { Release } from "../queue.ts";
import { heldRuns, inIdOrder, leaseArrays, refusedOf } from "./held-runs.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: only a run that still holds its lease is given back, and its attempt is refunded: an attempt that a
 * stopping worker cut short, that never began, or that only found that it was too early, is not the job's fault. A job
 * asked to be canceled is canceled instead. Index: the primary key. A missing row means: the lease was lost, and
 * nothing was changed.
 */
const RELEASE = `${heldRuns("release", { columns: ", delay_ms", arrays: ", $3::float8[]" })}
  UPDATE millrace.jobs j
  SET state = CASE WHEN j.cancel_requested_at IS NOT NULL THEN ${toState("honourCancel")}
                   WHEN held.delay_ms IS NOT NULL THEN ${toState("snooze")} ELSE ${toState("release")} END,
      run_at = CASE WHEN held.delay_ms IS NULL OR j.cancel_requested_at IS NOT NULL THEN j.run_at
                    ELSE now() + held.delay_ms * interval '1 ms' END,
      canceled_at = CASE WHEN j.cancel_requested_at IS NOT NULL THEN now() END,
      cancel_requested_at = NULL, attempts = j.attempts - 1, lease_until = NULL, updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id`;

/** Gives runs back to the queue with the attempt refunded. Returns those refused because their lease was lost. */
export async function releaseJobs(db: Executor, releases: readonly Release[]): Promise<Lease[]> {
  const ordered = inIdOrder(releases);
  const { rows } = await db.query(RELEASE, [
    ...leaseArrays(ordered),
    ordered.map((release) => release.delayMs ?? null),
  ]);
  return refusedOf(releases, rows);
}
