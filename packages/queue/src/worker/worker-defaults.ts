import { checkFields, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { type BackoffSettings, DELAY_MS_MAX, INTEGER_MAX } from "@millrace/schema/values";
import { type EnqueueableTask, isEnqueueable } from "../enqueue/enqueueable-task.ts";
import type { EnqueueOptions } from "../enqueue/new-job.ts";
import type { Producer } from "../enqueue/producer.ts";
import type { RunDefaults } from "../run/run-settings.ts";

/** What holds in one worker where neither the job, nor its task, nor its queue says otherwise. */
export interface WorkerDefaults extends RunDefaults {
  /**
   * How many attempts a job gets that a handler enqueues by `context.enqueue`, 1 to 2,147,483,647, unless the enqueue
   * or the job's task says. Default 10.
   */
  maxAttempts?: number;
}

const FIELDS = fieldNames<WorkerDefaults>({ backoff: true, timeoutMs: true, maxAttempts: true });
const BACKOFF_FIELDS = fieldNames<BackoffSettings>({ baseMs: true, capMs: true, jitterMs: true });

/** Checks the option `defaults`. Throws `InvalidOptionError`. */
export function checkDefaults(defaults: WorkerDefaults): WorkerDefaults {
  checkFields("defaults", defaults, FIELDS);
  const { backoff, timeoutMs, maxAttempts } = defaults;
  if (timeoutMs !== undefined) integerIn("defaults.timeoutMs", timeoutMs, [1, Number.MAX_SAFE_INTEGER]);
  if (maxAttempts !== undefined) integerIn("defaults.maxAttempts", maxAttempts, [1, INTEGER_MAX]);
  if (backoff === undefined) return defaults;
  checkFields("defaults.backoff", backoff, BACKOFF_FIELDS);
  for (const [name, ms] of Object.entries(backoff)) {
    const option = `defaults.backoff.${name}`;
    if (typeof ms !== "number") throw new InvalidOptionError(option, "a number of ms", ms);
    integerIn(option, ms, [0, DELAY_MS_MAX]);
  }
  return defaults;
}

/** Returns an enqueue whose jobs get this many attempts, unless its options or the task say. */
export function enqueueWithAttempts(
  enqueue: Producer["enqueue"],
  maxAttempts: number | undefined,
): Producer["enqueue"] {
  if (maxAttempts === undefined) return enqueue;
  return (target: string | EnqueueableTask<unknown>, payload?: unknown, options: EnqueueOptions = {}) => {
    const isSaid =
      options?.maxAttempts !== undefined || (isEnqueueable(target) && target.maxAttempts !== undefined);
    // The cast is safe: both overloads of `enqueue` take these arguments.
    return (enqueue as (...given: unknown[]) => ReturnType<Producer["enqueue"]>)(
      target,
      payload,
      isSaid ? options : { maxAttempts, ...options },
    );
  };
}
