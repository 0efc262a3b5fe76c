import type { JobSelection } from "./job-selection.ts";

/**
 * Selects the jobs that a command on many jobs changes: jobs that match every given field. Needs at least one field.
 * Without `state`, the command changes jobs in every state that the command names.
 */
export interface BulkFilter extends JobSelection {
  /** Every job in a state that the command can change. Excludes all other fields. */
  all?: true;
}

/** The options of a command on many jobs, which works in batches. */
export interface BulkOptions {
  /** How many jobs each statement looks at, 1 to 10,000. Default 1,000. */
  batchSize?: number;
  /** How many jobs to change at most, from 1. A requested cancel counts. Default: no limit. */
  limit?: number;
  /** Changes nothing: the result says how many jobs the command would change now. */
  dryRun?: boolean;
  /** Leaves out jobs up to this id. To continue a call that was aborted or limited, give the `after` of its result. */
  after?: string;
  /** An abort stops the command between two statements. Finished statements keep their effect. */
  signal?: AbortSignal;
  /**
   * The `commandId` of an earlier call's result: this call then continues that command, and one `undo` undoes both.
   * Only for queues whose changes are recorded. A command that has been undone cannot go on: the call throws
   * `CommandUndoneError` (`COMMAND_UNDONE`).
   */
  commandId?: string;
}

/** The result of a command on many jobs. */
export interface BulkResult {
  /** How many jobs were changed: retried, made due, canceled or deleted. */
  changed: number;
  /** How many fitting jobs were left unchanged, because another transaction was changing them. */
  skipped: number;
  /** False when the signal or the limit stopped the command early. */
  done: boolean;
  /** The last job id that the command looked at; null when there was no job. */
  after: string | null;
  /** The id of the command in the audit log, for `undo`; null if nothing was recorded. */
  commandId: string | null;
}

/** The result of `cancelMany`. */
export interface CancelManyResult extends BulkResult {
  /** For how many running jobs a cancel was requested. `changed` does not include these jobs. */
  cancelRequested: number;
}
