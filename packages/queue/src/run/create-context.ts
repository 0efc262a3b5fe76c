import type { EnqueueableTask } from "../enqueue/enqueueable-task.ts";
import type { EnqueueOptions } from "../enqueue/new-job.ts";
import type { Producer } from "../enqueue/producer.ts";
import type { InTransaction } from "../job/in-transaction-option.ts";
import type { JsonValue } from "../job/job.ts";
import type { TaskContext, TaskLogger } from "../task/task-context.ts";
import { boundLogger } from "./bound-logger.ts";
import { HandlerWriter, type HandlerWriterOptions } from "./handler-writer.ts";
import type { Run } from "./run.ts";

/** What contexts need of their worker. */
export interface ContextOptions extends HandlerWriterOptions {
  producer: Pick<Producer, "enqueue">;
  logger: TaskLogger;
}

/** Makes the context of one run. Parts that a handler may never use are made when the handler asks for them. */
export function createContext(run: Run, options: ContextOptions): TaskContext {
  const { producer, logger } = options;
  const { job } = run;
  const writer = new HandlerWriter(run, options);
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
    enqueue: (
      target: string | EnqueueableTask<unknown>,
      payload?: unknown,
      more?: EnqueueOptions & InTransaction,
    ) =>
      typeof target === "string"
        ? producer.enqueue(target, payload as JsonValue, more)
        : producer.enqueue(target, payload, more),
  };
}
