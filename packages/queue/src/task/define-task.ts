import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { EnqueueableTask } from "../enqueue/enqueueable-task.ts";
import { InvalidPayloadError } from "../errors.ts";
import type { ClaimedJob, JsonValue } from "../job/job.ts";
import { type Backoff, DEFAULT_BACKOFF } from "./backoff.ts";
import { checkTaskOptions } from "./check-task-options.ts";
import { payloadText } from "./payload-text.ts";
import type { TaskContext } from "./task-context.ts";
import { type Upcaster, upcast } from "./upcaster.ts";
import { describeIssue, type Validation, validate } from "./validate.ts";

/** What `defineTask` takes. */
export interface TaskOptions<Schema extends StandardSchemaV1> {
  /** The job type this task runs, 1 to 100 characters. */
  name: string;
  /** Any Standard Schema validator; the handler gets its output. */
  payload: Schema;
  /**
   * How payloads of older shapes, enqueued before the schema changed, become today's; newest first. Without one that
   * fits, such a job fails, its payload kept.
   */
  upcasters?: readonly Upcaster[];
  /** The queue its jobs go to. Default `default`. */
  queue?: string;
  /** Default 3. */
  maxAttempts?: number;
  /** Smaller runs first. Default 0. */
  priority?: number;
  backoff?: Partial<Backoff>;
  /** How long one run may take, in ms, from 1; days and months as well. Default: as long as its lease is renewed. */
  timeoutMs?: number;
  /**
   * Runs one job, at least once: a run may be repeated after a lost lease. Returning completes the job, and what it
   * returns is kept as its output: JSON of up to 64 KiB, or the job fails. Throwing retries it; `Fatal` fails it now,
   * `RetryLater` chooses the delay, `Snooze` tries later without using up an attempt, `Cancel` ends it as canceled.
   */
  run(payload: StandardSchemaV1.InferOutput<Schema>, context: TaskContext): unknown;
}

/** A task: what a worker runs for jobs of one type. `Input` is what `enqueue` accepts. */
export interface Task<Input = never> extends EnqueueableTask<Input> {
  readonly backoff: Backoff;
  readonly timeoutMs: number | undefined;
  /** Checks a stored payload and runs the handler. Throws `InvalidPayloadError`, or what the handler throws. */
  execute(job: ClaimedJob, context: TaskContext): Promise<unknown>;
}

/** A task of any input, as a worker holds it. */
export type AnyTask = Omit<Task, "check"> & { check(payload: never): Promise<JsonValue> };

/** Declares a task. Throws `InvalidOptionError`, which names the task, for anything it could not run jobs with. */
export function defineTask<Schema extends StandardSchemaV1>(
  options: TaskOptions<Schema>,
): Task<StandardSchemaV1.InferInput<Schema>> {
  checkTaskOptions(options);
  const { payload: schema, upcasters = [] } = options;
  const yielded = (result: Validation): unknown => {
    if (result.ok) return result.value;
    throw new InvalidPayloadError(options.name, result.issues.map(describeIssue));
  };
  // What is stored is the input, not the output: the handler's own validation transforms it, once.
  const encode = (payload: unknown) => payloadText(payload, { name: options.name, schema });
  return {
    kind: "millrace.task",
    name: options.name,
    queue: options.queue,
    maxAttempts: options.maxAttempts,
    priority: options.priority,
    backoff: { ...DEFAULT_BACKOFF, ...options.backoff },
    timeoutMs: options.timeoutMs,
    async check(payload) {
      await encode(payload);
      return payload as JsonValue;
    },
    encode,
    async execute(job, context) {
      const answer =
        upcasters.length === 0 ? validate(schema, job.payload) : upcast(job.payload, schema, upcasters);
      const value = yielded(answer instanceof Promise ? await answer : answer);
      // The boundary: this is what the schema yielded.
      return options.run(value as StandardSchemaV1.InferOutput<Schema>, context);
    },
  };
}

/** Whether a module's export is a task, whichever copy of this package made it. */
export function isTask(value: unknown): value is AnyTask {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "millrace.task";
}
