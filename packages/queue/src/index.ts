export {
  type AnswerLimit,
  type Clock,
  type ConnectionPool,
  createPool,
  type DrizzleExecutor,
  type Executor,
  InvalidOptionError,
  isTransient,
  type ListenPool,
  MillraceError,
  MissingPackageError,
  NoAnswerError,
  NoPrimaryError,
  type PooledConnection,
  type Queryable,
  systemClock,
  type TriedServer,
  UnsupportedNodeError,
} from "@millrace/base";
export type { BackoffSettings, DeadLetter, QueueSettings } from "@millrace/schema/values";
export type { ClaimOptions } from "./claim/claim-options.ts";
export type { ObservedClaim } from "./claim/observed-claim.ts";
export type { QueueChoice, WeightedQueue } from "./claim/queue-weights.ts";
export {
  OutcomeRefusedError,
  type RefusedOutcome,
  SchemaMissingError,
  SchemaTooNewError,
  TransactionIsolationError,
  WorkerIdTakenError,
} from "./database-errors.ts";
export type { DeadLetterOption, DeadLetterPayload } from "./enqueue/dead-letter.ts";
export type { EnqueueObserver } from "./enqueue/enqueue-observer.ts";
export type { EnqueueResult } from "./enqueue/enqueue-result.ts";
export type { EnqueueableTask } from "./enqueue/enqueueable-task.ts";
export { jobOf, type TaskJob } from "./enqueue/job-of.ts";
export { JsonText } from "./enqueue/json-text.ts";
export {
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_QUEUE,
  type EnqueueOptions,
  type NewJob,
} from "./enqueue/new-job.ts";
export type { Producer } from "./enqueue/producer.ts";
export type { OnDuplicate, UniqueOptions, UniqueScope } from "./enqueue/unique-key.ts";
export {
  Cancel,
  CompletionRolledBackError,
  DuplicateJobError,
  Fatal,
  InvalidJobError,
  InvalidPayloadError,
  InvalidResultError,
  JobCanceledError,
  JobContendedError,
  JobLockedError,
  JobNotFoundError,
  type JobProblem,
  JobStateError,
  JobTimeoutError,
  JobWaitsError,
  KeyContendedError,
  LeaseLostError,
  NextCalledTwiceError,
  QueueError,
  RenewalThreadError,
  RetryLater,
  Snooze,
  WorkerStoppingError,
} from "./errors.ts";
export { checkTelemetry } from "./job/check-telemetry.ts";
export type { JobDetails } from "./job/claim-details.ts";
export type { ExtendResult } from "./job/extend-result.ts";
export type { InTransaction } from "./job/in-transaction-option.ts";
export type {
  CanceledJob,
  ClaimedJob,
  CompletedJob,
  Completion,
  FailedJob,
  Job,
  JobAttempt,
  JobFields,
  JsonValue,
  Lease,
  QueuedJob,
  RunningJob,
} from "./job/job.ts";
export type {
  BegunRun,
  EndedRun,
  FiredTick,
  Send,
  SentJob,
  SentJobs,
  Telemetry,
  TickTrace,
} from "./job/telemetry.ts";
export { type TraceContext, type TraceIds, traceIdsOf } from "./job/trace-context.ts";
export { TRANSITIONS, type TransitionName } from "./job/transitions.ts";
export type { LeaseCounts } from "./lease/lease-renewal.ts";
export type { RecoverOptions } from "./lease/recover.ts";
export type { RecoverResult } from "./lease/recover-jobs.sql.ts";
export type { AttemptsOptions } from "./operate/attempts.ts";
export type { AuditEntry, AuditedState, AuditFilter, AuditOptions } from "./operate/audit-entry.ts";
export {
  type AuditedChange,
  type AuditedCommand,
  type Auditor,
  CommandUndoneError,
  checkAuditOptions,
  createAuditor,
  recordCommand,
} from "./operate/auditor.ts";
export type { BulkFilter, BulkOptions, BulkResult, CancelManyResult } from "./operate/bulk.ts";
export type { JobChange } from "./operate/change-job.ts";
export { errorFingerprint } from "./operate/error-fingerprint.ts";
export { type FailureKind, type IdsOfKind, type IdsOfKindOptions, kindOf } from "./operate/failure-kind.ts";
export type { FailureGroup, FailureReport, FailuresFilter } from "./operate/failure-report.ts";
export type { InsightCommands, OldTransactionsOptions } from "./operate/insight-commands.ts";
export type { JobCommands } from "./operate/job-commands.ts";
export type { CountOptions } from "./operate/job-count.ts";
export type {
  EndedReason,
  JobExplanation,
  JobReason,
  OldTransactionReason,
  QueuedReason,
  RunningReason,
  TransactionFigures,
} from "./operate/job-explanation.ts";
export type { JobFilter } from "./operate/job-filter.ts";
export type { JobSearch, SearchOptions } from "./operate/job-search.ts";
export type { JobSelection } from "./operate/job-selection.ts";
export type { JobTexts, TextsOptions } from "./operate/job-texts.ts";
export { type JsonOption, readsJson } from "./operate/json-option.ts";
export { NotUndoableError, type NotUndoableReason } from "./operate/not-undoable-error.ts";
export type { OldTransaction } from "./operate/old-transaction.sql.ts";
export type { CancelResult } from "./operate/one-job.ts";
export type { PruneOptions } from "./operate/prune.ts";
export type { QueueCommands } from "./operate/queue-commands.ts";
export type { CappedCount, DepthOptions, QueueDepth } from "./operate/queue-depth.ts";
export type { HistoryOptions, HistoryPoint, QueueHistory } from "./operate/queue-history.ts";
export type { QueueStats, QueueStatus } from "./operate/queue-stats.ts";
export type { EndedJob } from "./operate/read-ended-jobs.sql.ts";
export type { UndoOptions, UndoPass, UndoPasses, UndoResult } from "./operate/undo-command.ts";
export type { UndoableAction } from "./operate/undoable-actions.ts";
export type { JobWaits, WaitForJobOptions } from "./operate/wait-for-job.ts";
export type { WorkerRun, WorkerRunsOptions } from "./operate/worker-run.ts";
export type { WorkerStatus } from "./operate/worker-status.ts";
export { createQueue, type Queue, type QueueOptions } from "./queue.ts";
export type { Runs } from "./queue-runs.ts";
export type { RunDefaults, TaskDefaults } from "./run/run-settings.ts";
export type { FailResult, Failure, Release } from "./settle/failure-and-release.ts";
export { type Backoff, backoffMs, DEFAULT_BACKOFF, withJitter } from "./task/backoff.ts";
export {
  type AnyTask,
  defineTask,
  isTask,
  type Task,
} from "./task/define-task.ts";
export type { Middleware } from "./task/middleware.ts";
export type { TaskContext, TaskLogger } from "./task/task-context.ts";
export type { TaskOptions } from "./task/task-options.ts";
export { type Upcaster, upcaster } from "./task/upcaster.ts";
export type { MinuteCounts } from "./wake/count-minutes.sql.ts";
export type { OutcomeCounts } from "./wake/run-counts.ts";
export { WaitTimedOutError } from "./wake/wait-timed-out-error.ts";
export { DEFAULT_RETENTION_MS, type WorkerPruneOptions } from "./worker/prune-options.ts";
export type { EmptyCounts } from "./worker/until-empty.ts";
export { createWorker, type Worker } from "./worker/worker.ts";
export type { WorkerChange } from "./worker/worker-change.ts";
export type { WorkerDefaults } from "./worker/worker-defaults.ts";
export type { WorkerEvent } from "./worker/worker-event.ts";
export type { WorkerHealth } from "./worker/worker-health.ts";
export type { ObservedWorker, WorkerObserver } from "./worker/worker-observer.ts";
export type { WorkerOptions } from "./worker/worker-options.ts";
