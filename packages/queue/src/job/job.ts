import type { AttemptOutcome, QueueSettings } from "@millrace/schema/values";
import type { TraceContext } from "./trace-context.ts";

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
  /** Jobs with a smaller priority run first. */
  priority: number;
  /** The earliest instant at which the job may run. Null: the job waits for something other than time. */
  runAt: Date | null;
  /** The token of the last claim; 0 if the job was never claimed. */
  leaseToken: number;
  /** The worker that claimed the job last; null if none has. */
  workerId: string | null;
  /** How many runs were counted as attempts. A claim counts one; a release, a snooze or a crash refunds it. */
  attempts: number;
  maxAttempts: number;
  /** How many crashes were charged to the job: runs whose lease ran out. */
  crashes: number;
  /** The error of the last attempt that failed, crashed or was canceled; null if none was. */
  lastError: string | null;
  /** When the last run began; null if none has. */
  lastRunAt: Date | null;
  idempotencyKey: string | null;
  /** The schedule that enqueued the job; null if none did. */
  scheduleId: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** The progress that the handler set last; null if it set none. It stays after the job has ended. */
  progress: JsonValue;
  tags: readonly string[];
  metadata: Readonly<Record<string, JsonValue>>;
  /** If the job has not started by this instant, it is canceled; `null` when it may start at any time. */
  startBy: Date | null;
  /** The tick of the schedule that made the job. */
  tickAt: Date | null;
  /** What the job was enqueued with: `backoff`, `timeoutMs`, `retentionMs` and `deadLetter`, where given. */
  settings: QueueSettings;
  /** The trace context that the job was enqueued with; null for none. */
  traceContext: TraceContext | null;
}

/** Fields that only some states have. Each state replaces those that it has. */
interface NotOfThisState {
  leaseUntil: null;
  cancelRequestedAt: null;
  completedAt: null;
  canceledAt: null;
  output: null;
}

/** The job waits for a worker: it is due, due later, or waits to be retried. */
export interface QueuedJob extends JobFields, NotOfThisState {
  state: "queued";
}

/** A worker has claimed the job, and recovery has not taken the job back. */
export interface RunningJob extends JobFields, Omit<NotOfThisState, "leaseUntil" | "cancelRequestedAt"> {
  state: "running";
  /** The end of the lease, unless the worker renews it. */
  leaseUntil: Date;
  /** When a cancel was requested; null if none was. */
  cancelRequestedAt: Date | null;
}

/** The handler returned, or it completed the job in its own transaction. */
export interface CompletedJob extends JobFields, Omit<NotOfThisState, "completedAt" | "output"> {
  state: "completed";
  completedAt: Date;
  /** What the handler returned; null if it returned nothing. */
  output: JsonValue;
}

/** The job's attempts were used up, its error was not to be retried, or the job crashed too often. */
export interface FailedJob extends JobFields, NotOfThisState {
  state: "failed";
}

/** The job was canceled before it ran, its run honoured a request to cancel, or its handler canceled it. */
export interface CanceledJob extends JobFields, Omit<NotOfThisState, "canceledAt"> {
  state: "canceled";
  canceledAt: Date;
}

/** A job as it is read. `state` tells which fields have a value. */
export type Job = QueuedJob | RunningJob | CompletedJob | FailedJob | CanceledJob;

/** A claimed job, as a handler gets it. */
export interface ClaimedJob {
  id: string;
  queue: string;
  type: string;
  payload: JsonValue;
  /** Fences every write about this run. Grows with each claim of the job, so it may fence other systems, too. */
  leaseToken: number;
  /** The number of this attempt, from 1. */
  attempt: number;
  maxAttempts: number;
  crashes: number;
}

/** Names one run of one job. Every write about a running job carries this name. */
export interface Lease {
  id: string;
  leaseToken: number;
}

/**
 * A run whose handler has returned, for `queue.runs.complete`.
 *
 * @example
 * const refused = await queue.runs.complete([{ ...job, output: JSON.stringify({ sent: true }) }]);
 * if (refused.length > 0) console.warn("another worker may run the job");
 */
export interface Completion extends Lease {
  /** What the handler returned, as JSON text. Absent or null: no output. */
  output?: string | null;
}

/** One attempt that did not complete its job. Attempts that complete a job leave no such row. */
export interface JobAttempt {
  jobId: string;
  leaseToken: number;
  attempt: number;
  workerId: string | null;
  startedAt: Date | null;
  finishedAt: Date;
  outcome: AttemptOutcome;
  /** What went wrong, as text for people. */
  error: string | null;
}
