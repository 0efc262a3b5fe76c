import type { AttemptOutcome, JobState } from "@millrace/schema";

/** A value that JSON can carry. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A job as it is read back. Instants are `Date`s by the database's clock. */
export interface Job {
  id: string;
  queue: string;
  type: string;
  payload: JsonValue;
  state: JobState;
  /** Smaller runs first. */
  priority: number;
  /** Not before this instant; `null` means it waits for something else than time. */
  runAt: Date | null;
  leaseUntil: Date | null;
  leaseToken: number;
  workerId: string | null;
  attempts: number;
  maxAttempts: number;
  crashes: number;
  lastError: string | null;
  lastRunAt: Date | null;
  idempotencyKey: string | null;
  scheduleId: string | null;
  createdAt: Date;
  updatedAt: Date;
  completedAt: Date | null;
  canceledAt: Date | null;
  cancelRequestedAt: Date | null;
  /** What the handler last told of its progress; null when nothing, and once a job has moved to history. */
  progress: JsonValue;
  /** What the handler returned; null when nothing. */
  output: JsonValue;
}

/** What a claim returns: what a handler needs, and no more. */
export interface ClaimedJob {
  id: string;
  queue: string;
  type: string;
  payload: JsonValue;
  /** Fences every write about this run. */
  leaseToken: number;
  /** Which attempt this is, from 1. */
  attempt: number;
  maxAttempts: number;
  crashes: number;
}

/** Names one run of one job: what every write about a running job must carry. */
export interface Lease {
  id: string;
  leaseToken: number;
}

/** A run that its worker has ended. */
export interface Completion extends Lease {
  /** What the handler returned, as JSON text. Absent or null: nothing. */
  output?: string | null;
}

/** One attempt that did not complete its job. */
export interface JobAttempt {
  jobId: string;
  leaseToken: number;
  attempt: number;
  workerId: string | null;
  startedAt: Date | null;
  finishedAt: Date;
  outcome: AttemptOutcome;
  error: string | null;
}
