import type { Lease } from "../job/job.ts";

/** What to write about a failed run. */
export interface Failure extends Lease {
  /** Message, stack, own fields and causes, for people. */
  error: string;
  /** When to try again, in ms from now, if the job has an attempt left; null fails the job. */
  retryInMs: number | null;
  /** Ends the job as canceled instead. Default false. */
  cancel?: boolean;
}

/** What became of failed runs, each named once. */
export interface FailResult {
  /** Queued again, for another attempt. */
  retried: Lease[];
  /** Failed for good: no retry was asked for, or the job's attempts are used up. */
  failed: Lease[];
  canceled: Lease[];
  /** Runs whose lease was lost: nothing was changed about them. */
  refused: Lease[];
}

/** A run to give back. */
export interface Release extends Lease {
  /** When the job is due again, in ms from now. Absent: at its old time. */
  delayMs?: number;
}
