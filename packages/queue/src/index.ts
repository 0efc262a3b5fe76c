export { createQueue } from "./create-queue.ts";
export {
  type AnyTask,
  defineTask,
  isTask,
  type Task,
  type TaskContext,
  type TaskOptions,
} from "./define-task.ts";
export { type Backoff, backoffMs, DEFAULT_BACKOFF, withJitter } from "./domain/backoff.ts";
export type { ClaimedJob, Job, JobAttempt, JsonValue, Lease } from "./domain/job.ts";
export {
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_QUEUE,
  type EnqueueOptions,
  isUuid,
  type NewJob,
} from "./domain/new-job.ts";
export { TRANSITIONS, type TransitionName } from "./domain/transitions.ts";
export {
  Fatal,
  InvalidJobError,
  InvalidOptionError,
  InvalidPayloadError,
  JobCanceledError,
  JobNotFoundError,
  JobStateError,
  JobTimeoutError,
  LeaseLostError,
  NoTaskError,
  QueueError,
  RetryLater,
  WorkerStoppingError,
} from "./errors.ts";
export type {
  CancelResult,
  ClaimOptions,
  EnqueueResult,
  ExtendResult,
  Failure,
  InTransaction,
  JobFilter,
  PruneOptions,
  Queue,
  QueueStats,
  RecoverOptions,
  RecoverResult,
} from "./queue.ts";
export { type Beat, type BeatOptions, startBeat } from "./runtime/beat.ts";
export { type Clock, systemClock } from "./runtime/clock.ts";
export {
  type ListenClient,
  type ListenerOptions,
  type ListenPool,
  startListener,
} from "./runtime/listener.ts";
export { createWorker, type Worker } from "./runtime/worker.ts";
export type { WorkerEvent } from "./runtime/worker-event.ts";
export type { WorkerOptions } from "./runtime/worker-options.ts";
export { isTransient, sqlStateOf } from "./store/pg-errors.ts";
export { type DrizzleExecutor, type Executor, executorOf, type Queryable } from "./store/queryable.ts";
