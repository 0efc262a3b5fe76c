export {
  type HandlersActs,
  type HandlersJob,
  type RunResult,
  RunTaskError,
  type RunTaskErrorCode,
  type RunTaskOptions,
  runTask,
  type TaskRun,
} from "@millrace/queue/testing";
export {
  type Environment,
  type OnLog,
  TestServerError,
  type TestServerErrorCode,
  WaitForError,
  type WaitForOptions,
  waitFor,
} from "@millrace/testpg";
export type { TestClock } from "./clock/test-clock.ts";
export { TestClockError, type TestClockErrorCode } from "./clock/test-clock-error.ts";
export { createTestDatabase } from "./database/create-test-database.ts";
export type { PrepareOptions } from "./database/prepare-database.ts";
export {
  type PostgresOptions,
  startPostgres,
  type TestDatabase,
  type TestPostgres,
} from "./database/start-postgres.ts";
export {
  createTestQueue,
  type EnqueuedJobs,
  type ExpectOptions,
  type LookOptions,
  type TestQueue,
} from "./queue/create-test-queue.ts";
export type { DrainOptions } from "./queue/drain.ts";
export { DrainLimitError } from "./queue/drain-limit-error.ts";
export type { DrainResult, FailedRun } from "./queue/drain-result.ts";
export type { EnqueuedJob, JobCondition, JobWhere, Partly } from "./queue/job-where.ts";
export type { TestQueueOptions, TestWorkerOptions } from "./queue/test-queue-options.ts";
export type { RunUntilOptions, RunUntilResult } from "./schedule/run-until.ts";
export { type TickJob, type TickJobsOptions, tickJobs } from "./schedule/tick-jobs.ts";
