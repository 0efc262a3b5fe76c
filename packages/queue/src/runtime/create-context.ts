import type { Task } from "../define-task.ts";
import type { JsonValue, Lease } from "../domain/job.ts";
import { limitedJson, OUTPUT_MAX_BYTES, PROGRESS_MAX_BYTES } from "../domain/limited-json.ts";
import type { EnqueueOptions } from "../domain/new-job.ts";
import type { Run } from "../domain/run.ts";
import { InvalidOptionError, LeaseLostError } from "../errors.ts";
import type { InTransaction, Queue } from "../queue.ts";
import type { RunProgress } from "../store/set-progress.ts";
import type { TaskContext, TaskLogger } from "../task-context.ts";
import type { Batcher } from "./batcher.ts";
import type { Clock } from "./clock.ts";

/** What contexts need of their worker. */
export interface ContextOptions {
  queue: Queue;
  clock: Clock;
  logger: TaskLogger;
  /** Writes progress; answers whether the lease was still held. */
  progress: Batcher<RunProgress, boolean>;
}

/** What `extend` takes, in ms: the range of a lease. */
const EXTEND_MIN_MS = 5_000;
const EXTEND_MAX_MS = 3_600_000;

/** Makes the context of one run. What a handler may never use is made when it is asked for. */
export function createContext(run: Run, { queue, clock, logger, progress }: ContextOptions): TaskContext {
  const { job } = run;
  const lease: Lease = { id: job.id, leaseToken: job.leaseToken };
  let bound: TaskLogger | undefined;

  /** Whatever finds that the lease is lost ends the run. */
  function lost(): LeaseLostError {
    const error = new LeaseLostError(job.id);
    run.abort(error);
    return error;
  }

  return {
    job,
    attempt: job.attempt,
    get signal() {
      return run.signal;
    },
    get logger() {
      bound ??= bind(logger, { jobId: job.id, type: job.type, queue: job.queue, attempt: job.attempt });
      return bound;
    },
    async progress(value) {
      const text = limitedJson(value, { jobId: job.id, what: "progress", maxBytes: PROGRESS_MAX_BYTES });
      if (!(await progress.submit({ ...lease, progress: text ?? "null" }))) throw lost();
    },
    async extend(ms) {
      if (!(ms >= EXTEND_MIN_MS && ms <= EXTEND_MAX_MS)) {
        throw new InvalidOptionError("ms", `a number of ms from ${EXTEND_MIN_MS} to ${EXTEND_MAX_MS}`, ms);
      }
      const sentAt = clock.now();
      const result = await queue.extend([lease], Math.ceil(ms / 1_000));
      if (result.refused.length > 0) throw lost();
      run.heldUntil = Math.max(run.heldUntil, sentAt + ms);
    },
    enqueue: (target: string | Task<unknown>, payload?: unknown, options?: EnqueueOptions & InTransaction) =>
      typeof target === "string"
        ? queue.enqueue(target, payload as JsonValue, options)
        : queue.enqueue(target, payload, options),
    async completeInTx(tx, output) {
      const text = limitedJson(output, { jobId: job.id, what: "output", maxBytes: OUTPUT_MAX_BYTES });
      // From here on only the database knows whether the job is completed.
      run.completing = true;
      if ((await queue.complete([{ ...lease, output: text }], { tx })).length > 0) throw lost();
    },
  };
}

function bind(logger: TaskLogger, fields: object): TaskLogger {
  return {
    debug: (more, message) => logger.debug({ ...fields, ...more }, message),
    info: (more, message) => logger.info({ ...fields, ...more }, message),
    warn: (more, message) => logger.warn({ ...fields, ...more }, message),
    error: (more, message) => logger.error({ ...fields, ...more }, message),
  };
}
