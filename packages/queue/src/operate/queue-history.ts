import type { MinuteCounts } from "../wake/count-minutes.sql.ts";

/** Which history to return. */
export interface HistoryOptions {
  /** How many hours back, 1 to 168. Default 1. */
  hours?: number;
  /** The history of this queue alone. Default: of all queues together. */
  queue?: string;
}

/** What happened in a time, in equal steps, the oldest first. The last step has not ended. */
export interface QueueHistory {
  /** The length of a step: a minute up to 3 hours, 5 minutes up to 24 hours, an hour above. */
  stepMs: number;
  points: HistoryPoint[];
}

/** What happened in one step of a history. */
export interface HistoryPoint extends MinuteCounts {
  /** The beginning of the step, by the database's clock. */
  at: Date;
  /** The most due jobs in a minute of the step, each queue with at most 10,000. Null: nobody counted. */
  due: number | null;
  /** The most running jobs in a minute of the step. Null: nobody counted. */
  running: number | null;
  /** The longest that the oldest due job had waited in the step, in ms. Null: no job was due, or nobody counted. */
  oldestDueMs: number | null;
}
