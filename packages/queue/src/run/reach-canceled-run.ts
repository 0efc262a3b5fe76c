import { JobCanceledError } from "../errors.ts";
import type { Lease } from "../job/job.ts";
import type { RecentCancels } from "./recent-cancels.ts";
import type { Run } from "./run.ts";

/**
 * A notice asks to cancel this run: aborts the run if the worker holds it. Else the request is remembered, for the
 * claim of the run may be committed, and the claim's answer still on its way to this worker.
 */
export function reachCanceledRun(
  lease: Lease,
  { held, cancels }: { held: Iterable<Run>; cancels: RecentCancels },
): void {
  const { id, leaseToken } = lease;
  const run = [...held].find(({ job }) => job.id === id && job.leaseToken === leaseToken);
  if (run === undefined) cancels.heard({ id, leaseToken });
  else run.abort(new JobCanceledError(id));
}

/** Aborts those of newly claimed runs whose cancel was asked for before the answer of their claim arrived. */
export function abortCanceledBefore(runs: readonly Run[], cancels: RecentCancels): void {
  for (const run of runs) {
    if (cancels.concern(run.job)) run.abort(new JobCanceledError(run.job.id));
  }
}
