export { checkFields } from "./check-fields.ts";
export { createQueue } from "./create-queue.ts";
export {
  OutcomeRefusedError,
  type RefusedOutcome,
  SchemaMissingError,
  TransactionIsolationError,
  WorkerIdTakenError,
} from "./database-errors.ts";
export {
  type AnyTask,
  defineTask,
  isTask,
  type Task,
  type TaskOptions,
} from "./define-task.ts";
export { type Backoff, backoffMs, DEFAULT_BACKOFF, withJitter } from "./domain/backoff.ts";
export type { BulkFilter, BulkOptions, BulkResult, CancelManyResult } from "./domain/bulk.ts";
export type { ClaimedJob, Completion, Job, JobAttempt, JsonValue, Lease } from "./domain/job.ts";
export {
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_QUEUE,
  type EnqueueOptions,
  isUuid,
  type NewJob,
} from "./domain/new-job.ts";
export type { QueueChoice, WeightedQueue } from "./domain/queue-weights.ts";
export { isStorableJson, isStorableText, UNSTORABLE_CHARACTERS } from "./domain/storable.ts";
export { TRANSITIONS, type TransitionName } from "./domain/transitions.ts";
export type { OnDuplicate, UniqueOptions, UniqueScope } from "./domain/unique-key.ts";
export {
  Cancel,
  CompletionRolledBackError,
  DuplicateJobError,
  Fatal,
  InvalidJobError,
  InvalidOptionError,
  InvalidPayloadError,
  InvalidResultError,
  JobCanceledError,
  JobLockedError,
  JobNotFoundError,
  type JobProblem,
  JobStateError,
  JobTimeoutError,
  KeyContendedError,
  LeaseLostError,
  NoAnswerError,
  QueueError,
  RenewalThreadError,
  RetryLater,
  Snooze,
  WorkerStoppingError,
} from "./errors.ts";
export { type FieldProblem, fieldNames, fieldProblem } from "./field-problem.ts";
export { nearName } from "./near-name.ts";
export type {
  CancelResult,
  ClaimOptions,
  EnqueueResult,
  ExtendResult,
  FailResult,
  Failure,
  InTransaction,
  JobFilter,
  PruneOptions,
  Queue,
  QueueStats,
  QueueStatus,
  RecoverOptions,
  RecoverResult,
  Release,
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
export { isPoolOfOne, type WorkerOptions } from "./runtime/worker-options.ts";
export type { AnswerLimit } from "./store/answer-limit.ts";
export { inPoolTransaction } from "./store/in-transaction.ts";
export { type ConnectionPool, onConnection, type PooledConnection } from "./store/lent-connection.ts";
export { isTransient, sqlStateOf } from "./store/pg-errors.ts";
export {
  type DrizzleExecutor,
  type Executor,
  executorOf,
  isWholeDatabase,
  type Queryable,
} from "./store/queryable.ts";
export type { TaskContext, TaskLogger } from "./task-context.ts";
export { jobOf, type TaskJob } from "./task-job.ts";
export { type Upcaster, upcaster } from "./upcaster.ts";
