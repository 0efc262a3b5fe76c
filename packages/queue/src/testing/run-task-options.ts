import {
  type Clock,
  checkFields,
  checkQueryable,
  checkSignal,
  fieldNames,
  integerIn,
  machineNow,
  type Queryable,
} from "@millrace/base";
import { INTEGER_MAX, type QueueSettings } from "@millrace/schema/values";
import { jobIds } from "../enqueue/job-ids.ts";
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_QUEUE } from "../enqueue/new-job.ts";
import type { JobDetails } from "../job/claim-details.ts";
import type { ClaimedJob, JsonValue } from "../job/job.ts";
import type { RunDefaults } from "../run/run-settings.ts";
import type { AnyTask } from "../task/define-task.ts";
import type { Middleware } from "../task/middleware.ts";
import type { TaskLogger } from "../task/task-context.ts";

/** The options of `runTask`. All are optional. */
export interface RunTaskOptions {
  /** Which attempt this is, from 1. Default 1. */
  attempt?: number;
  /** How many attempts the job gets. Default: the task's number, or 10. */
  maxAttempts?: number;
  /** How many crashes were charged to the job. Default 0. */
  crashes?: number;
  /** The queue of the job. Default: the task's, or `default`. */
  queue?: string;
  /** What `context.details` says, where it is not what a fresh job has. */
  details?: Partial<JobDetails>;
  /** The backoff and the time-out with which the job was enqueued. */
  settings?: Pick<QueueSettings, "backoff" | "timeoutMs">;
  /** The backoff and the time-out of the job's queue. */
  queueSettings?: Pick<QueueSettings, "backoff" | "timeoutMs">;
  /** The backoff and the time-out of the worker. */
  defaults?: RunDefaults;
  /**
   * Aborts the run. A reason that is a `LeaseLostError`, `JobTimeoutError` or `WorkerStoppingError` means what it means
   * in a worker. Any other reason is a request to cancel the job.
   */
  signal?: AbortSignal;
  /** What `context.logger` writes to. Default: nowhere. */
  logger?: TaskLogger;
  /** What runs around the handler, the first outermost. Default: nothing. */
  middleware?: readonly Middleware[];
  /**
   * A pg pool or a Drizzle database. With it, `context.enqueue` enqueues for real, and `context.completeInTx` finds out
   * whether its transaction was committed. Default: none; enqueues are only recorded.
   */
  db?: Queryable;
  /** The timers of the time-out, and the random numbers of the jitter. Default: real timers, and no jitter. */
  clock?: Clock;
}

const FIELDS = fieldNames<RunTaskOptions>({
  attempt: true,
  maxAttempts: true,
  crashes: true,
  queue: true,
  details: true,
  settings: true,
  queueSettings: true,
  defaults: true,
  signal: true,
  logger: true,
  middleware: true,
  db: true,
  clock: true,
});

/** Throws `InvalidOptionError` for an unknown option, and for a value that a job cannot have. */
export function checkRunTaskOptions(options: RunTaskOptions): void {
  checkFields("options", options, FIELDS);
  if (options.attempt !== undefined) integerIn("attempt", options.attempt, [1, INTEGER_MAX]);
  if (options.maxAttempts !== undefined) integerIn("maxAttempts", options.maxAttempts, [1, INTEGER_MAX]);
  if (options.crashes !== undefined) integerIn("crashes", options.crashes, [0, INTEGER_MAX]);
  if (options.signal !== undefined) checkSignal(options.signal);
  if (options.db !== undefined) checkQueryable("db", options.db);
}

/** The job that a run of a task gets. */
export function jobOfRun(task: AnyTask, payload: JsonValue, options: RunTaskOptions): ClaimedJob {
  return {
    id: jobIds.next(),
    queue: options.queue ?? task.queue ?? DEFAULT_QUEUE,
    type: task.name,
    payload,
    leaseToken: 1,
    attempt: options.attempt ?? 1,
    maxAttempts: options.maxAttempts ?? task.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    crashes: options.crashes ?? 0,
  };
}

/** The details of a job that was enqueued just now, with what the options say. */
export function detailsOfRun(task: AnyTask, options: RunTaskOptions): JobDetails {
  const now = new Date(machineNow());
  return {
    createdAt: now,
    dueAt: now,
    priority: task.priority ?? 0,
    idempotencyKey: null,
    tags: [],
    metadata: {},
    scheduleId: null,
    tickAt: null,
    lastError: null,
    lastProgress: null,
    traceContext: null,
    ...options.details,
  };
}
