import type { JobState } from "@millrace/schema/values";

/** Which jobs a command on many jobs changes: those that match every given field. At least one field is required. */
export interface BulkFilter {
  /** Every job that the command may be given to. Excludes all other fields. */
  all?: true;
  /** Default: every state that the command may be given to. */
  state?: JobState;
  queue?: string;
  type?: string;
  scheduleId?: string;
  /** These jobs; an empty array is none. */
  ids?: readonly string[];
  /** Enqueued before this instant. */
  createdBefore?: Date;
  /** Completed, failed or canceled before this instant. */
  finishedBefore?: Date;
}

/** How a command on many jobs goes about it. */
export interface BulkOptions {
  /** Jobs looked at per statement, 1 to 10,000. Default 1,000. */
  batchSize?: number;
  /** Goes on after this id: the `after` of a result that was not done. */
  after?: string;
  /** Stops between statements when aborted; what was done stays done, and the result tells where to go on. */
  signal?: AbortSignal;
}

/** What a command on many jobs did. */
export interface BulkResult {
  /** How many jobs were retried, canceled or deleted. */
  changed: number;
  /** How many fitted, but were being changed by someone else at that moment, and were left alone. */
  skipped: number;
  /** False when the signal ended it early. */
  done: boolean;
  /** The id up to which jobs were looked at; null when there was none. */
  after: string | null;
}

/** What `cancelMany` did. */
export interface CancelManyResult extends BulkResult {
  /** How many running jobs were asked to stop; not counted in `changed`. */
  cancelRequested: number;
}
