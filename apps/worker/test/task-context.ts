import type { ClaimedJob, TaskContext } from "@millrace/queue";

const quiet = () => undefined;

function unexpected(): never {
  throw new Error("The task under test was not expected to ask for this");
}

/** What a task under test is given: a signal of the test's, a silent logger, and no database. */
export function taskContext(job: ClaimedJob, signal: AbortSignal): TaskContext {
  return {
    job,
    attempt: job.attempt,
    get details() {
      return unexpected();
    },
    signal,
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    progress: unexpected,
    extend: unexpected,
    enqueue: unexpected,
    completeInTx: unexpected,
  };
}
