import type { OutcomeCounts } from "../wake/run-counts.ts";

/** A worker as `workers` lists it: what it wrote into its row, and what it runs. */
export interface WorkerStatus {
  id: string;
  /** The queues that the worker claims from. Empty for a program that uses only `queue.runs`, which has no row. */
  queues: readonly string[];
  /** The job types that the worker has tasks for. Empty as `queues` is. */
  types: readonly string[];
  /** The worker's release of Millrace; null for a program that has only `queue.runs`, and for an older release. */
  release: string | null;
  /** How many jobs the worker runs at a time. Null as `release` is. */
  concurrency: number | null;
  /** Since when the worker claims nothing, because its program called `worker.pause`; null when it is not paused. */
  pausedAt: Date | null;
  /** When the worker started; null for a program that has only `queue.runs`, and for a worker long gone. */
  startedAt: Date | null;
  /** When the worker was seen last: a living worker is seen every 10 s. Null as `startedAt` is. */
  seenAt: Date | null;
  /** Whether the worker was seen in the last 30 s. Always false for a program that has only `queue.runs`. */
  alive: boolean;
  /** Whether the worker has nothing to do, and waits for a notice. */
  asleep: boolean;
  /** How many jobs the worker has claimed, and has not ended. */
  running: number;
  /** Since when the oldest of these jobs runs; null when none has begun. */
  oldestRunAt: Date | null;
  /** When the first of the worker's leases ends, unless the worker renews it; null without a lease. */
  leaseUntil: Date | null;
  /** What became of the worker's runs since its start. The worker writes this every 10 s. */
  counts: OutcomeCounts;
  /** How many runs crashed: they were taken back from the worker, because their lease had ended. */
  crashed: number;
}
