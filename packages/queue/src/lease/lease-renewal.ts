import type { Clock } from "@millrace/base";
import type { Queue } from "../queue.ts";
import type { Run } from "../run/run.ts";

/** What renewal needs, whoever renews. */
export interface LeaseRenewalOptions {
  queue: Pick<Queue, "extend">;
  clock: Clock;
  leaseSeconds: number;
  /** Every run that is held: its lease is to be kept. */
  running(): Iterable<Run>;
  onError(error: unknown): void;
}

/** What keeps a worker's leases: `startLoopRenewal` or `startThreadRenewal`. */
export interface LeaseRenewal {
  /** Runs were claimed. Called before any of their handlers begins. */
  claimed(runs: readonly Run[]): void;
  /** Applies the answers that have arrived and not been read yet, so that `leasedAt` of every run is up to date. */
  catchUp(): void;
  /** Renews now. */
  wake(): void;
  stop(): Promise<void>;
}
