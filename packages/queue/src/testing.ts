// For @millrace/testing, which exports these to users.
export { runTask } from "./testing/run-task.ts";
export { RunTaskError, type RunTaskErrorCode } from "./testing/run-task-error.ts";
export type { RunTaskOptions } from "./testing/run-task-options.ts";
export type { HandlersActs, HandlersJob, RunResult, TaskRun } from "./testing/task-run.ts";
