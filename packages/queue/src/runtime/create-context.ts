import type { Task } from "../define-task.ts";
import type { JsonValue, Lease } from "../domain/job.ts";
import { limitedJson, OUTPUT_MAX_BYTES, PROGRESS_MAX_BYTES } from "../domain/limited-json.ts";
import type { EnqueueOptions } from "../domain/new-job.ts";
import type { Run } from "../domain/run.ts";
import { InvalidOptionError, LeaseLostError } from "../errors.ts";
import type { InTransaction, Queue } from "../queue.ts";
import { isPgPool } from "../store/preparing-executor.ts";
import type { Queryable } from "../store/queryable.ts";
import type { RunProgress } from "../store/set-progress.ts";
import type { TaskContext, TaskLogger } from "../task-context.ts";
import type { Batcher } from "./batcher.ts";
import { boundLogger } from "./bound-logger.ts";
import type { Clock } from "./clock.ts";
import { pause } from "./pause.ts";
import type { ProgressAnswer } from "./progress-batcher.ts";

/** What contexts need of their worker. */
export interface ContextOptions {
  queue: Queue;
  clock: Clock;
  logger: TaskLogger;
  progress: Batcher<RunProgress, ProgressAnswer>;
}

/** What `extend` takes, in ms: the range of a lease. */
const EXTEND_MIN_MS = 5_000;
const EXTEND_MAX_MS = 3_600_000;

/** A write that found the job's row locked is tried again after this many ms. */
const LOCKED_RETRY_MS = 50;

/** Makes the context of one run. What a handler may never use is made when it is asked for. */
export function createContext(run: Run, { queue, clock, logger, progress }: ContextOptions): TaskContext {
  const { job } = run;
  const lease: Lease = { id: job.id, leaseToken: job.leaseToken };
  let bound: TaskLogger | undefined;
  let told = 0;

  /** Whatever finds that the lease is lost ends the run. */
  function lost(): LeaseLostError {
    const error = new LeaseLostError(job.id);
    // Its outcome is being written, and is what tells whether the lease still holds.
    if (!run.ended) run.abort(error);
    return error;
  }

  /**
   * Repeats a write that passes over a locked row until it is written; each run by itself, so that one whose row stays
   * locked keeps no other waiting. Of a run that completes its job in a transaction it is the lock, and writing is moot.
   */
  async function untilWritten(write: () => Promise<ProgressAnswer>): Promise<void> {
    for (;;) {
      if (run.ended) throw lost();
      const answer = await write();
      if (answer === "written" || run.completing) return;
      if (answer === "refused") throw lost();
      await pause(clock, LOCKED_RETRY_MS);
    }
  }

  async function tell(value: JsonValue): Promise<void> {
    const text = limitedJson(value, { jobId: job.id, what: "progress", maxBytes: PROGRESS_MAX_BYTES });
    told += 1;
    const mine = told;
    // A newer value makes this one moot, and must not be overwritten by it.
    await untilWritten(async () =>
      mine === told ? progress.submit({ ...lease, progress: text ?? "null" }) : "written",
    );
  }

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
    progress(value) {
      const writing = tell(value);
      // Handlers may leave it alone; a refusal that nobody waits for must not end the process. The signal tells it, too.
      writing.catch(() => undefined);
      return writing;
    },
    async extend(ms) {
      if (!(ms >= EXTEND_MIN_MS && ms <= EXTEND_MAX_MS)) {
        throw new InvalidOptionError("ms", `a number of ms from ${EXTEND_MIN_MS} to ${EXTEND_MAX_MS}`, ms);
      }
      await untilWritten(async () => {
        const sentAt = clock.now();
        const { refused, locked } = await queue.extend([lease], Math.ceil(ms / 1_000));
        if (refused.length > 0) return "refused";
        if (locked.length > 0) return "locked";
        run.heldUntil = Math.max(run.heldUntil, sentAt + ms);
        return "written";
      });
    },
    enqueue: (target: string | Task<unknown>, payload?: unknown, options?: EnqueueOptions & InTransaction) =>
      typeof target === "string"
        ? queue.enqueue(target, payload as JsonValue, options)
        : queue.enqueue(target, payload, options),
    async completeInTx(tx, output) {
      if (isOwnConnection(tx)) {
        throw new InvalidOptionError(
          "tx",
          "the transaction of the handler's writes: a Drizzle transaction, or a pg client",
          "a whole database",
        );
      }
      const text = limitedJson(output, { jobId: job.id, what: "output", maxBytes: OUTPUT_MAX_BYTES });
      if (run.ended) throw lost();
      // From here on only the database knows whether the job is completed.
      run.completing = true;
      if ((await queue.complete([{ ...lease, output: text }], { tx })).length > 0) throw lost();
    },
  };
}

/** Whether each statement would be a transaction of its own: that would complete the job whatever becomes of the rest. */
function isOwnConnection(tx: Queryable): boolean {
  return isPgPool(tx) || "$client" in tx;
}
