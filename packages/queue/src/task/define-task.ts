import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type EnqueueableTask, isEnqueueable } from "../enqueue/enqueueable-task.ts";
import { InvalidPayloadError } from "../errors.ts";
import type { ClaimedJob, JsonValue } from "../job/job.ts";
import { type Backoff, DEFAULT_BACKOFF } from "./backoff.ts";
import { payloadText } from "./payload-text.ts";
import type { TaskContext } from "./task-context.ts";
import { checkTaskOptions, type TaskOptions } from "./task-options.ts";
import { upcast } from "./upcaster.ts";
import { describeIssue, type Validation, validate } from "./validate.ts";

/** A task: what a worker runs for jobs of one type. `Input` is what `enqueue` accepts. */
export interface Task<Input = never> extends EnqueueableTask<Input> {
  readonly backoff: Backoff;
  readonly timeoutMs: number | undefined;
  /** Checks a stored payload and runs the handler. Throws `InvalidPayloadError`, or what the handler throws. */
  execute(job: ClaimedJob, context: TaskContext): Promise<unknown>;
}

/** A task of any input, as a worker holds it. */
export type AnyTask = Omit<Task, "check"> & { check(payload: never): Promise<JsonValue> };

/** Declares a task. Throws `InvalidOptionError`, which names the task, for options that cannot run jobs. */
export function defineTask<Schema extends StandardSchemaV1>(
  options: TaskOptions<Schema>,
): Task<StandardSchemaV1.InferInput<Schema>> {
  checkTaskOptions(options);
  const { payload: schema, upcasters = [] } = options;
  const yielded = (result: Validation): unknown => {
    if (result.ok) return result.value;
    throw new InvalidPayloadError(options.name, result.issues.map(describeIssue));
  };
  // The input is stored, not the schema's output: the validation before the handler transforms the payload, once.
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
  return isEnqueueable(value);
}
