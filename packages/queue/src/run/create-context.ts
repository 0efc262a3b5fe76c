import type { Producer } from "../enqueue/producer.ts";
import type { JobDetails } from "../job/claim-details.ts";
import type { JsonValue } from "../job/job.ts";
import type { TaskContext, TaskLogger } from "../task/task-context.ts";
import { boundLogger } from "./bound-logger.ts";
import { HandlerWriter, type HandlerWriterOptions } from "./handler-writer.ts";
import type { Run } from "./run.ts";

/** What contexts need from their worker. */
export interface ContextOptions extends HandlerWriterOptions {
  producer: Pick<Producer, "enqueue">;
  logger: TaskLogger;
}

/** Creates the context of one run. */
export function createContext(run: Run, options: ContextOptions): TaskContext {
  return new RunContext(run, options);
}

/**
 * Makes the parts that a handler may never use only when the handler asks for them: to make functions and getters for
 * each run took a tenth of the worker's time. A handler may take the functions out of the context and call them alone.
 */
class RunContext implements TaskContext {
  readonly job: TaskContext["job"];
  readonly attempt: number;
  readonly enqueue: Producer["enqueue"];
  readonly #run: Run;
  readonly #options: ContextOptions;
  #writer: HandlerWriter | undefined;
  #logger: TaskLogger | undefined;
  #details: JobDetails | undefined;

  constructor(run: Run, options: ContextOptions) {
    this.job = run.job;
    this.attempt = run.job.attempt;
    this.enqueue = options.producer.enqueue;
    this.#run = run;
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }

  get details(): JobDetails {
    this.#details ??= this.#run.details;
    return this.#details;
  }

  get logger(): TaskLogger {
    const { id, type, queue, attempt } = this.job;
    this.#logger ??= boundLogger(this.#options.logger, { jobId: id, type, queue, attempt });
    return this.#logger;
  }

  get progress(): TaskContext["progress"] {
    const writer = this.#writing();
    return (value: JsonValue) => writer.progress(value);
  }

  get extend(): TaskContext["extend"] {
    const writer = this.#writing();
    return (ms) => writer.extend(ms);
  }

  get completeInTx(): TaskContext["completeInTx"] {
    const writer = this.#writing();
    return (tx, output) => writer.completeInTx(tx, output);
  }

  #writing(): HandlerWriter {
    this.#writer ??= new HandlerWriter(this.#run, this.#options);
    return this.#writer;
  }
}
