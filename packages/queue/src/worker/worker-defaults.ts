import { checkFields, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { type BackoffSettings, DELAY_MS_MAX, INTEGER_MAX } from "@millrace/schema/values";
import { type EnqueueableTask, isEnqueueable } from "../enqueue/enqueueable-task.ts";
import type { EnqueueOptions } from "../enqueue/new-job.ts";
import type { Producer } from "../enqueue/producer.ts";
import { defaultsOfTask, type RunDefaults, type TaskDefaults } from "../run/run-settings.ts";

/** What holds in one worker where neither the job, nor its task, nor its queue says otherwise. */
export interface WorkerDefaults extends RunDefaults {
  /**
   * How many attempts a job gets that a handler enqueues by `context.enqueue`, 1 to 2,147,483,647, unless the enqueue
   * or the job's task says. Default 10.
   */
  maxAttempts?: number;
}

const LIMITS = { backoff: true, timeoutMs: true, maxAttempts: true } as const;
const FIELDS = fieldNames<WorkerDefaults>({ ...LIMITS, tasks: true });
const TASK_FIELDS = fieldNames<TaskDefaults>(LIMITS);
const BACKOFF_FIELDS = fieldNames<BackoffSettings>({ baseMs: true, capMs: true, jitterMs: true });

/** Checks the option `defaults` of a worker that has these tasks. Throws `InvalidOptionError`. */
export function checkDefaults(defaults: WorkerDefaults, taskNames: readonly string[]): WorkerDefaults {
  checkFields("defaults", defaults, FIELDS);
  checkLimits("defaults", defaults);
  if (defaults.tasks === undefined) return defaults;
  checkFields("defaults.tasks", defaults.tasks, taskNames);
  for (const [name, limits] of Object.entries(defaults.tasks)) {
    checkFields(`defaults.tasks.${name}`, limits, TASK_FIELDS);
    checkLimits(`defaults.tasks.${name}`, limits);
  }
  return defaults;
}

function checkLimits(at: string, { backoff, timeoutMs, maxAttempts }: TaskDefaults): void {
  if (timeoutMs !== undefined) integerIn(`${at}.timeoutMs`, timeoutMs, [1, Number.MAX_SAFE_INTEGER]);
  if (maxAttempts !== undefined) integerIn(`${at}.maxAttempts`, maxAttempts, [1, INTEGER_MAX]);
  if (backoff === undefined) return;
  checkFields(`${at}.backoff`, backoff, BACKOFF_FIELDS);
  for (const [name, ms] of Object.entries(backoff)) {
    const option = `${at}.backoff.${name}`;
    if (typeof ms !== "number") throw new InvalidOptionError(option, "a number of ms", ms);
    integerIn(option, ms, [0, DELAY_MS_MAX]);
  }
}

/**
 * Returns an enqueue that gives each job a number of attempts. The first of these that says a number decides: the
 * options of the enqueue, what the defaults say about the task, the task's definition, the defaults.
 */
export function enqueueWithAttempts(
  enqueue: Producer["enqueue"],
  defaults: WorkerDefaults,
): Producer["enqueue"] {
  if (defaults.maxAttempts === undefined && defaults.tasks === undefined) return enqueue;
  return (target: string | EnqueueableTask<unknown>, payload?: unknown, options: EnqueueOptions = {}) => {
    const maxAttempts = options?.maxAttempts ?? attemptsFor(target, defaults);
    // The cast is safe: both overloads of `enqueue` take these arguments.
    return (enqueue as (...given: unknown[]) => ReturnType<Producer["enqueue"]>)(
      target,
      payload,
      maxAttempts === undefined ? options : { maxAttempts, ...options },
    );
  };
}

/** Returns how many attempts a job gets whose enqueue says no number. Undefined: the enqueue decides. */
function attemptsFor(
  target: string | EnqueueableTask<unknown>,
  defaults: WorkerDefaults,
): number | undefined {
  const task = isEnqueueable(target) ? target : undefined;
  const name = task?.name ?? String(target);
  return defaultsOfTask(defaults, name)?.maxAttempts ?? task?.maxAttempts ?? defaults.maxAttempts;
}
