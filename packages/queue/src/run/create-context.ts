import type { Producer } from "../enqueue/producer.ts";
import type { JobDetails } from "../job/claim-details.ts";
import type { TaskContext, TaskLogger } from "../task/task-context.ts";
import { boundLogger } from "./bound-logger.ts";
import { HandlerWriter, type HandlerWriterOptions } from "./handler-writer.ts";
import type { Run } from "./run.ts";

/** What contexts need from their worker. */
export interface ContextOptions extends HandlerWriterOptions {
  producer: Pick<Producer, "enqueue">;
  logger: TaskLogger;
}

/** Creates the context of one run. The logger and the signal are made only if the handler uses them. */
export function createContext(run: Run, options: ContextOptions): TaskContext {
  const { producer, logger } = options;
  const { job } = run;
  const writer = new HandlerWriter(run, options);
  let bound: TaskLogger | undefined;
  let details: JobDetails | undefined;
  return {
    job,
    attempt: job.attempt,
    get details() {
      details ??= run.details;
      return details;
    },
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
    enqueue: producer.enqueue,
  };
}
