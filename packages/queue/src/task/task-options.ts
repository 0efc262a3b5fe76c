import { checkFields, checkText, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { DELAY_MS_MAX, INTEGER_MAX, PRIORITY_MAX, PRIORITY_MIN } from "@millrace/schema/values";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { DEAD_LETTER_FIELDS, type DeadLetterOption, deadLetterOf } from "../enqueue/dead-letter.ts";
import type { Backoff } from "./backoff.ts";
import type { TaskContext } from "./task-context.ts";
import { checkUpcaster, type Upcaster } from "./upcaster.ts";
import { checkSchema } from "./validate.ts";

/** The options of `defineTask`. */
export interface TaskOptions<Schema extends StandardSchemaV1> {
  /** The type of the jobs that this task runs, 1 to 100 characters. */
  name: string;
  /** Any Standard Schema validator, such as a zod schema. The handler gets the validator's output. */
  payload: Schema;
  /**
   * Convert payloads that were enqueued before the schema changed. The newest upcaster comes first. If no upcaster
   * fits, the job fails, and its payload is kept.
   */
  upcasters?: readonly Upcaster[];
  /** The queue of the task's jobs, 1 to 100 characters. Default `default`. An enqueue may name another queue. */
  queue?: string;
  /** How many attempts a job gets, from 1. Default 10. An enqueue may give another number. */
  maxAttempts?: number;
  /** -32768 to 32767. Jobs with a smaller priority run first. Default 0. An enqueue may give another priority. */
  priority?: number;
  /** The delays between attempts. Default of each field: the queue's, the worker's, then that of `DEFAULT_BACKOFF`. */
  backoff?: Partial<Backoff>;
  /**
   * How long one run may take, in ms, from 1 and without an upper limit. Default: the queue's, the worker's, then no
   * limit.
   */
  timeoutMs?: number;
  /**
   * How long the task's jobs are kept after their end, in ms, 0 to 3,155,760,000,000 (100 years). Stored with each job
   * that is enqueued by its task. Default: the queue's, then what `prune` is given.
   */
  retentionMs?: number;
  /**
   * The job that a final failure enqueues: a task, the name of a task, or a type and its queue. Null: none. Stored with
   * each job that is enqueued by its task. Default: the queue's, then none.
   */
  deadLetter?: DeadLetterOption;
  /**
   * The handler: runs one job, at least once. After a lost lease, the job runs again. The handler's end decides:
   * - Returning completes the job. The returned value is stored as `output`: JSON of up to 64 KiB, or the job fails.
   * - Throwing retries the job after a backoff, or fails the job when no attempt is left.
   * - Throwing `Fatal` fails the job now. Throwing `Cancel` cancels the job.
   * - Throwing `RetryLater` retries after a chosen delay. Throwing `Snooze` does not use up an attempt.
   */
  run(payload: StandardSchemaV1.InferOutput<Schema>, context: TaskContext): unknown;
}

type Options = Omit<TaskOptions<StandardSchemaV1>, "run"> & { run: unknown };

const FIELDS = fieldNames<Options>({
  name: true,
  payload: true,
  upcasters: true,
  queue: true,
  maxAttempts: true,
  priority: true,
  backoff: true,
  timeoutMs: true,
  retentionMs: true,
  deadLetter: true,
  run: true,
});

const BACKOFF_FIELDS = fieldNames<Backoff>({ baseMs: true, capMs: true, jitterMs: true });

/** Checks a task's options when the task is defined, not at its first job. Throws `InvalidOptionError`. */
export function checkTaskOptions(options: Options): void {
  const name: unknown = typeof options === "object" && options !== null ? options.name : undefined;
  const task = typeof name === "string" ? `task ${JSON.stringify(name)}` : "task";
  checkFields(task, options, FIELDS);
  checkText("name", options.name, 100);
  const of = (option: string) => `${option} (${task})`;
  checkSchema(of("payload"), options.payload);
  if (typeof options.run !== "function") {
    throw new InvalidOptionError(of("run"), "a function that runs one job", options.run);
  }
  if (options.queue !== undefined) checkText(of("queue"), options.queue, 100);
  if (options.priority !== undefined)
    integerIn(of("priority"), options.priority, [PRIORITY_MIN, PRIORITY_MAX]);
  if (options.maxAttempts !== undefined) integerIn(of("maxAttempts"), options.maxAttempts, [1, INTEGER_MAX]);
  if (options.timeoutMs !== undefined) {
    integerIn(of("timeoutMs"), options.timeoutMs, [1, Number.MAX_SAFE_INTEGER]);
  }
  if (options.retentionMs !== undefined) integerIn(of("retentionMs"), options.retentionMs, [0, DELAY_MS_MAX]);
  if (options.backoff !== undefined) checkBackoff(options.backoff, task);
  if (options.deadLetter !== undefined) checkDeadLetter(options.deadLetter, task);
  checkUpcasters(options.upcasters ?? [], of("upcasters"));
}

function checkBackoff(backoff: Partial<Backoff>, task: string): void {
  checkFields(`backoff (${task})`, backoff, BACKOFF_FIELDS);
  for (const [name, value] of Object.entries(backoff)) {
    if (typeof value !== "number" || !(value >= 0)) {
      throw new InvalidOptionError(`backoff.${name} (${task})`, "a number of ms ≥ 0", value);
    }
  }
}

function checkDeadLetter(given: DeadLetterOption, task: string): void {
  const letter = deadLetterOf(given);
  if (letter === null) return;
  checkFields(`deadLetter (${task})`, letter, DEAD_LETTER_FIELDS);
  checkText(`deadLetter.type (${task})`, letter.type, 100);
  if (letter.queue !== undefined) checkText(`deadLetter.queue (${task})`, letter.queue, 100);
}

function checkUpcasters(upcasters: unknown, option: string): void {
  if (!Array.isArray(upcasters)) throw new InvalidOptionError(option, "an array of upcasters", upcasters);
  for (const [index, each] of upcasters.entries()) checkUpcaster(`${option}[${index}]`, each);
}
