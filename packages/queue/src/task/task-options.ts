import { checkFields, checkText, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { INTEGER_MAX, PRIORITY_MAX, PRIORITY_MIN } from "@millrace/schema/values";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Backoff } from "./backoff.ts";
import type { TaskContext } from "./task-context.ts";
import { checkUpcaster, type Upcaster } from "./upcaster.ts";
import { checkSchema } from "./validate.ts";

/** What `defineTask` takes. */
export interface TaskOptions<Schema extends StandardSchemaV1> {
  /** The job type this task runs, 1 to 100 characters. */
  name: string;
  /** Any Standard Schema validator; the handler gets its output. */
  payload: Schema;
  /**
   * How payloads that were enqueued before the schema changed become payloads of today's shape; newest upcaster first.
   * If no upcaster fits, the job fails, and its payload is kept.
   */
  upcasters?: readonly Upcaster[];
  /** The queue its jobs go to. Default `default`. */
  queue?: string;
  /** Default 10. */
  maxAttempts?: number;
  /** Smaller runs first. Default 0. */
  priority?: number;
  backoff?: Partial<Backoff>;
  /** How long one run may take, in ms, from 1; days and months as well. Default: as long as its lease is renewed. */
  timeoutMs?: number;
  /**
   * Runs one job, at least once: a run may be repeated after a lost lease. Returning completes the job. The returned
   * value is kept as its output: JSON of up to 64 KiB, or the job fails. Throwing retries the job. `Fatal` fails it
   * now, `RetryLater` chooses the delay, `Snooze` tries later without using up an attempt, `Cancel` ends it as
   * canceled.
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
  run: true,
});

const BACKOFF_FIELDS = fieldNames<Backoff>({ baseMs: true, capMs: true, jitterMs: true });

/** Checks a task's options at its definition, not at its first job. Throws `InvalidOptionError`. */
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
  if (options.backoff !== undefined) checkBackoff(options.backoff, task);
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

function checkUpcasters(upcasters: unknown, option: string): void {
  if (!Array.isArray(upcasters)) throw new InvalidOptionError(option, "an array of upcasters", upcasters);
  for (const [index, each] of upcasters.entries()) checkUpcaster(`${option}[${index}]`, each);
}
