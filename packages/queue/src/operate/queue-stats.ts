import type { JobState } from "@millrace/schema/values";

/** How many jobs a queue has in each state, and how far behind it is. */
export interface QueueStats {
  queue: string;
  counts: Record<JobState, number>;
  /** Queued jobs that could run now. */
  due: number;
  /** How long the longest-waiting due job has waited, in ms; null when none is due. */
  oldestDueMs: number | null;
}

/** A queue with its counts, and whether it is claimed from. */
export interface QueueStatus extends QueueStats {
  /** When the queue was paused; null when it is not paused. */
  pausedAt: Date | null;
}
