import type { AnyTask, ClaimedJob, JsonValue } from "@millrace/queue";
import { taskContext } from "./task-context.ts";

/** The job a task under test is given. */
export function claimedJob(type: string, payload: JsonValue): ClaimedJob {
  return {
    id: "01890000-0000-7000-8000-000000000001",
    queue: "default",
    type,
    payload,
    leaseToken: 1,
    attempt: 1,
    maxAttempts: 3,
    crashes: 0,
  };
}

/** Runs a task as a worker does, with a signal of the test's. */
export function runTask(
  task: AnyTask,
  payload: JsonValue,
  signal: AbortSignal = new AbortController().signal,
): Promise<unknown> {
  const job = claimedJob(task.name, payload);
  return task.execute(job, taskContext(job, signal));
}
