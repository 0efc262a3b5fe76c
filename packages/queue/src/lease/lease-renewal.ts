import type { Clock } from "@millrace/base";
import type { ExtendResult } from "../job/extend-result.ts";
import type { Lease } from "../job/job.ts";
import type { Run } from "../run/run.ts";

/** How many leases were renewed, and how many were lost. */
export interface LeaseCounts {
  renewed: number;
  /** Runs that were aborted, because another worker may have their job, or because their lease was about to end. */
  lost: number;
}

/** What renewal needs, whether the event loop or a thread renews. */
export interface LeaseRenewalOptions {
  /** Extends leases to at least `leaseSeconds` from now. */
  extend(leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult>;
  clock: Clock;
  leaseSeconds: number;
  /** Every run whose lease the worker must keep. */
  held(): Iterable<Run>;
  onError(error: unknown): void;
  /** Called when leases were renewed or lost; absent if nobody observes. */
  onCounted?: ((counts: LeaseCounts) => void) | undefined;
}

/** The part of a worker that renews its leases. `startLoopRenewal` and `startThreadRenewal` make it. */
export interface LeaseRenewal {
  /** What renews leases now. */
  readonly by: "thread" | "loop";
  /** The worker claimed these runs. Called before any of their handlers begins. */
  runsClaimed(runs: readonly Run[]): void;
  /** Applies the results of renewals that have arrived, so that `leasedAt` of every run is up to date. */
  catchUp(): void;
  /** Renews now. */
  wake(): void;
  stop(): Promise<void>;
}
