import { checkFields, fieldNames, integerIn } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";

/** A number that was counted up to a limit. */
export interface CappedCount {
  count: number;
  /** Whether there may be more. */
  capped: boolean;
}

/** How many jobs wait and run in a queue, and its pause and settings. */
export interface QueueDepth {
  queue: string;
  queued: CappedCount;
  /** The queued jobs that are due. */
  due: CappedCount;
  running: number;
  /** How long ago the oldest due job became due, in ms; null when no job is due. */
  oldestDueMs: number | null;
  /** When the queue was paused; null when it is not paused. */
  pausedAt: Date | null;
  /** What counts for the queue's jobs where neither the job nor its task sets it; null when nothing is set. */
  settings: QueueSettings | null;
}

/** The options of `depths`. */
export interface DepthOptions {
  /** How far to count in each queue, 1 to 1,000,000. Default 10,000. */
  max?: number;
}

const FIELDS = fieldNames<DepthOptions>({ max: true });

/** Checks the options of `depths`. Returns how far to count. Throws `InvalidOptionError`. */
export function checkDepthOptions(options: DepthOptions): number {
  checkFields("options", options, FIELDS);
  return integerIn("max", options.max ?? 10_000, [1, 1_000_000]);
}
