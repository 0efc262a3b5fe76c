import { LeaseLostError } from "../errors.ts";
import type { Run } from "../run/run.ts";

/** What a worker does at this moment. Durations are in ms, by the worker's clock. */
export interface WorkerHealth {
  /** `stopping`: the worker claims nothing more, and lets its handlers run for the grace period. */
  state: "created" | "running" | "stopping" | "stopped";
  /** Whether `pause` was called, and `resume` was not called since. */
  isPaused: boolean;
  /** How many handlers may run at a time. */
  concurrency: number;
  /** How many handlers run. */
  running: number;
  /** How many runs the worker has a lease of: running, claimed ahead, or waiting for their outcome to be written. */
  held: number;
  /** How often an idle worker polls. */
  pollMs: number;
  /**
   * How long ago the claim loop went round last: a claim was answered, or the worker had no room for a job. Null before
   * the first time. A living loop goes round at each poll at the latest.
   */
  sinceRoundMs: number | null;
  /** Why the last claim failed; null if it was answered. */
  claimError: unknown;
  /** What renews leases now: a worker whose renewal thread has ended goes on by its event loop. */
  renewedBy: "thread" | "loop";
  /** How long a lease holds without renewal. */
  leaseMs: number;
  /**
   * How much is left of the lease that ends first; null without a lease. Leases are renewed when two thirds are left.
   * Leases that somebody else's transaction keeps from being renewed do not count, nor do lost leases.
   */
  leaseLeftMs: number | null;
}

/** How much is left of the lease that ends first, in ms; null if no run counts. */
export function leaseLeftMs(
  held: Iterable<Run>,
  { now, leaseMs }: { now: number; leaseMs: number },
): number | null {
  let left: number | null = null;
  for (const run of held) {
    if (run.claimLocked || run.abortReason instanceof LeaseLostError) continue;
    const leftOfRun = run.leaseEndsAt(leaseMs) - now;
    if (left === null || leftOfRun < left) left = leftOfRun;
  }
  return left;
}
