import type { Clock } from "@millrace/base";
import type { ExtendResult } from "../job/extend-result.ts";
import type { Lease } from "../job/job.ts";
import type { Run } from "../run/run.ts";

/** What renewal needs, in the worker's loop or in a thread. */
export interface LeaseRenewalOptions {
  /** Extends leases by one statement. */
  extend(leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult>;
  clock: Clock;
  leaseSeconds: number;
  /** Every run whose lease the worker must keep. */
  held(): Iterable<Run>;
  onError(error: unknown): void;
}

/** The part of a worker that keeps its leases: `startLoopRenewal` or `startThreadRenewal` makes it. */
export interface LeaseRenewal {
  /** Runs were claimed. Called before any of their handlers begins. */
  runsClaimed(runs: readonly Run[]): void;
  /** Applies answers that have arrived and are not read yet, so that `leasedAt` of every run is up to date. */
  catchUp(): void;
  /** Renews now. */
  wake(): void;
  stop(): Promise<void>;
}
