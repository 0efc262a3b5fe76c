import type { EnqueueOptions } from "../enqueue/new-job.ts";
import type { JsonValue } from "../job/job.ts";
import type { InTransaction, Queue } from "../queue.ts";
import type { Task } from "../task/define-task.ts";
import type { TaskContext, TaskLogger } from "../task/task-context.ts";
import { boundLogger } from "./bound-logger.ts";
import type { Run } from "./run.ts";
import { RunWriter, type RunWriterOptions } from "./run-writer.ts";

/** What contexts need of their worker. */
export interface ContextOptions extends RunWriterOptions {
  queue: Queue;
  logger: TaskLogger;
}

/** Makes the context of one run. What a handler may never use is made when it is asked for. */
export function createContext(run: Run, options: ContextOptions): TaskContext {
  const { queue, logger } = options;
  const { job } = run;
  const writer = new RunWriter(run, options);
  let bound: TaskLogger | undefined;
  return {
    job,
    attempt: job.attempt,
    get signal() {
      return run.signal;
    },
    get logger() {
      bound ??= boundLogger(logger, {
        jobId: job.id,
        type: job.type,
        queue: job.queue,
        attempt: job.attempt,
      });
      return bound;
    },
    progress: (value) => writer.progress(value),
    extend: (ms) => writer.extend(ms),
    completeInTx: (tx, output) => writer.completeInTx(tx, output),
    enqueue: (target: string | Task<unknown>, payload?: unknown, more?: EnqueueOptions & InTransaction) =>
      typeof target === "string"
        ? queue.enqueue(target, payload as JsonValue, more)
        : queue.enqueue(target, payload, more),
  };
}
