import type { Clock } from "@millrace/base";
import type { Outcome } from "./decide-outcome.ts";
import type { Run } from "./run.ts";

/** What slots need. */
export interface SlotsOptions {
  concurrency: number;
  clock: Clock;
  /** Runs one job's handler, and decides what to write about the run. Rejects or throws only if `onEvent` throws. */
  handle(run: Run): Promise<Outcome>;
  /** Writes the outcome of a run. Calls `written` afterwards, even if the write failed. */
  settle(run: Run, outcome: Outcome): void;
  /**
   * Releases runs that have not begun. Their jobs are due again after `delayMs`, or without it at their old time.
   * Rejects only if `onEvent` throws.
   */
  release(runs: readonly Run[], delayMs?: number): Promise<void>;
  /** A job has ended: the worker may have room for another. */
  onFreed(): void;
}
