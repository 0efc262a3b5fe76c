import type { Lease } from "../job/job.ts";

/**
 * A failed run, for `queue.runs.fail`.
 *
 * @example
 * const error = "The mail server refused the receipt.";
 * const { failed } = await queue.runs.fail([{ ...job, error, retryInMs: 60_000 }]);
 * if (failed.length > 0) console.error(`job ${job.id} failed for good`);
 */
export interface Failure extends Lease {
  /** What went wrong, as text for people. U+0000 is replaced, because PostgreSQL cannot store it. */
  error: string;
  /**
   * When to try again, in ms from now, 0 to 3,155,760,000,000 (100 years), if the job has an attempt left. Null: no
   * retry.
   */
  retryInMs: number | null;
  /**
   * Whether to cancel the job instead of failing or retrying it. Default false. `if requested` is for a run that was
   * stopped because `extend` told of a cancel: if the cancel was undone meanwhile, the run is released.
   */
  cancel?: boolean | "if requested";
}

/** What became of failed runs. Each run is in one list. */
export interface FailResult {
  /** Queued again, for another attempt. */
  retried: Lease[];
  /** Failed for good: no retry was asked for, or the job's attempts are used up. */
  failed: Lease[];
  /** Canceled: a cancel was requested, or `cancel` was true. */
  canceled: Lease[];
  /** Released, because `cancel` was `if requested` and no cancel is requested any more. The attempt is not counted. */
  released: Lease[];
  /** Runs whose lease was lost. Nothing was changed about them. */
  refused: Lease[];
}

/**
 * A run to release, for `queue.runs.release`: the job is queued again, and the run is not counted as an attempt.
 *
 * @example
 * const refused = await queue.runs.release([{ ...job, delayMs: 5_000 }]);
 */
export interface Release extends Lease {
  /** When the job is due again, in ms from now, 0 to 3,155,760,000,000 (100 years). Absent: at its old time. */
  delayMs?: number;
}
