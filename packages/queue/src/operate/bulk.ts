import type { JobState } from "@millrace/schema/values";

/** Which jobs a command on many jobs changes: the jobs that match every given field. At least one field is required. */
export interface BulkFilter {
  /** Every job in a state that the command can change. Excludes all other fields. */
  all?: true;
  /** Default: every state that the command can change. */
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

/** How a command on many jobs works through them. */
export interface BulkOptions {
  /** Jobs looked at per statement, 1 to 10,000. Default 1,000. */
  batchSize?: number;
  /** Goes on after this id: give the `after` of a result that was not `done`. */
  after?: string;
  /**
   * Stops between statements when aborted. Finished statements keep their effect; `after` in the result says where to
   * go on.
   */
  signal?: AbortSignal;
}

/** What a command on many jobs did. */
export interface BulkResult {
  /** How many jobs were retried, canceled or deleted. */
  changed: number;
  /** How many jobs fitted but were left alone, because another transaction was changing them. */
  skipped: number;
  /** False when the signal ended the command early. */
  done: boolean;
  /** The last id that was looked at; null when there was none. */
  after: string | null;
}

/** What `cancelMany` did. */
export interface CancelManyResult extends BulkResult {
  /** How many running jobs were asked to stop; not counted in `changed`. */
  cancelRequested: number;
}
