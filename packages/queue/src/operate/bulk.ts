import type { JobState } from "@millrace/schema/values";

/**
 * Selects the jobs that a command on many jobs changes: jobs that match every given field. Needs at least one field.
 */
export interface BulkFilter {
  /** Every job in a state that the command can change. Excludes all other fields. */
  all?: true;
  /** Default: every state that the command can change. */
  state?: JobState;
  queue?: string;
  type?: string;
  scheduleId?: string;
  /** Only jobs with one of these ids. An empty array selects no job. */
  ids?: readonly string[];
  /** Only jobs enqueued before this instant. */
  createdBefore?: Date;
  /** Only jobs completed, failed or canceled before this instant. */
  finishedBefore?: Date;
}

/** The options of a command on many jobs, which works in batches. */
export interface BulkOptions {
  /** How many jobs each statement looks at, 1 to 10,000. Default 1,000. */
  batchSize?: number;
  /** Begins after this job id. To continue an aborted call, give the `after` of its result. */
  after?: string;
  /** An abort stops the command between two statements. Finished statements keep their effect. */
  signal?: AbortSignal;
}

/** The result of a command on many jobs. */
export interface BulkResult {
  /** How many jobs were retried, canceled or deleted. */
  changed: number;
  /** How many fitting jobs were left unchanged, because another transaction was changing them. */
  skipped: number;
  /** False when the signal stopped the command early. */
  done: boolean;
  /** The last job id that the command looked at; null when there was no job. */
  after: string | null;
}

/** The result of `cancelMany`. */
export interface CancelManyResult extends BulkResult {
  /** For how many running jobs a cancel was requested. `changed` does not include these jobs. */
  cancelRequested: number;
}
