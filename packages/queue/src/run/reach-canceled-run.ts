import { JobCanceledError } from "../errors.ts";
import type { Lease } from "../job/job.ts";
import type { RecentCancels } from "./recent-cancels.ts";
import type { Run } from "./run.ts";

/**
 * Handles a notice that a run's cancel was requested. Aborts the run if the worker holds it. Otherwise remembers the
 * request: the run's claim may be committed, and its answer still on its way to this worker.
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

/** Aborts each newly claimed run whose cancel was requested before the answer of its claim arrived. */
export function abortCanceledBefore(runs: readonly Run[], cancels: RecentCancels): void {
  for (const run of runs) {
    if (cancels.concern(run.job)) run.abort(new JobCanceledError(run.job.id));
  }
}
