import type { AttemptOutcome, QueueSettings } from "@millrace/schema/values";

/** A value that JSON can carry. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** The fields of every job, in any state. Instants are `Date`s by the database's clock. */
export interface JobFields {
  id: string;
  queue: string;
  type: string;
  payload: JsonValue;
  /** Smaller runs first. */
  priority: number;
  /** Not before this instant; `null` means the job waits for something else than time. */
  runAt: Date | null;
  /** Of the last claim; 0 when the job was never claimed. */
  leaseToken: number;
  /** Who claimed the job last. */
  workerId: string | null;
  attempts: number;
  maxAttempts: number;
  crashes: number;
  /** Of the last attempt that failed. */
  lastError: string | null;
  lastRunAt: Date | null;
  idempotencyKey: string | null;
  scheduleId: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** The progress that the handler last set; null when nothing. Stays after the job has ended. */
  progress: JsonValue;
  tags: readonly string[];
  metadata: Readonly<Record<string, JsonValue>>;
  /** If the job has not started by this instant, it is canceled; `null` when it may start at any time. */
  startBy: Date | null;
  /** The tick of the schedule that made the job. */
  tickAt: Date | null;
  /** What the job was enqueued with: `backoff`, `timeoutMs`, `retentionMs` and `deadLetter`, where given. */
  settings: QueueSettings;
}

/** What only some states have; each state says which. */
interface NotOfThisState {
  leaseUntil: null;
  cancelRequestedAt: null;
  completedAt: null;
  canceledAt: null;
  output: null;
}

/** Waits for a worker: due, due later, or backing off. */
export interface QueuedJob extends JobFields, NotOfThisState {
  state: "queued";
}

/** A worker has claimed the job, and its lease has not been taken back. */
export interface RunningJob extends JobFields, Omit<NotOfThisState, "leaseUntil" | "cancelRequestedAt"> {
  state: "running";
  /** The claim holds until this instant. */
  leaseUntil: Date;
  /** When the run was asked to stop; null when it was not. */
  cancelRequestedAt: Date | null;
}

/** The handler returned. */
export interface CompletedJob extends JobFields, Omit<NotOfThisState, "completedAt" | "output"> {
  state: "completed";
  completedAt: Date;
  /** What the handler returned; null when nothing. */
  output: JsonValue;
}

/** The job's attempts were used up, its error was not to be retried, or it crashed too often. */
export interface FailedJob extends JobFields, NotOfThisState {
  state: "failed";
}

/** The job was canceled before it ran, or its run honoured a request to stop. */
export interface CanceledJob extends JobFields, Omit<NotOfThisState, "canceledAt"> {
  state: "canceled";
  canceledAt: Date;
}

/** A job as it is read back. `state` tells which fields have a value. */
export type Job = QueuedJob | RunningJob | CompletedJob | FailedJob | CanceledJob;

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
