import type { JobState, QueueSettings } from "@millrace/schema/values";

/** How many jobs a queue has in each state, and how long its due jobs have waited. */
export interface QueueStats {
  queue: string;
  counts: Record<JobState, number>;
  /** How many queued jobs are due. */
  due: number;
  /** How long ago the oldest due job became due, in ms; null when no job is due. */
  oldestDueMs: number | null;
}

/** A queue with its stats, pause and settings. */
export interface QueueStatus extends QueueStats {
  /** When the queue was paused; null when it is not paused. */
  pausedAt: Date | null;
  /** What counts for the queue's jobs where neither the job nor its task sets it; null when nothing is set. */
  settings: QueueSettings | null;
}
