import type { StandardSchemaV1 } from "@standard-schema/spec";
import { deadLetterOf } from "../enqueue/dead-letter.ts";
import { type EnqueueableTask, isEnqueueable } from "../enqueue/enqueueable-task.ts";
import { InvalidPayloadError } from "../errors.ts";
import type { ClaimedJob, JsonValue } from "../job/job.ts";
import type { Backoff } from "./backoff.ts";
import { payloadText } from "./payload-text.ts";
import type { TaskContext } from "./task-context.ts";
import { checkTaskOptions, type TaskOptions } from "./task-options.ts";
import { upcast } from "./upcaster.ts";
import { describeIssue, type Validation, validate } from "./validate.ts";

/** A task: the handler that a worker runs for jobs of one type, and its options. `enqueue` accepts an `Input`. */
export interface Task<Input = never> extends EnqueueableTask<Input> {
  /** What the task says about the delays between attempts. Undefined fields, or all: others decide. */
  readonly backoff: Partial<Backoff> | undefined;
  /** How long one run may take, in ms. Undefined: others decide. */
  readonly timeoutMs: number | undefined;
  /** Checks a stored payload and runs the handler. Throws `InvalidPayloadError`, or what the handler throws. */
  execute(job: ClaimedJob, context: TaskContext): Promise<unknown>;
}

/** A task with any type of input: a worker has a list of such tasks. */
export type AnyTask = Omit<Task, "check"> & { check(payload: never): Promise<JsonValue> };

/**
 * Declares a task. Give the task to a worker, which runs its jobs, and to `enqueue`, which checks their payloads. Jobs
 * run at least once, so the handler must tolerate a second run. Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const sendReceipt = defineTask({
 *   name: "send-receipt",
 *   payload: z.object({ orderId: z.number().int() }),
 *   timeoutMs: 30_000,
 *   async run({ orderId }, { signal }) {
 *     await fetch(`https://shop.example/receipts/${orderId}`, { method: "POST", signal });
 *   },
 * });
 */
export function defineTask<Schema extends StandardSchemaV1>(
  options: TaskOptions<Schema>,
): Task<StandardSchemaV1.InferInput<Schema>> {
  checkTaskOptions(options);
  const { payload: schema, upcasters = [] } = options;
  const yielded = (result: Validation): unknown => {
    if (result.ok) return result.value;
    throw new InvalidPayloadError(options.name, result.issues.map(describeIssue));
  };
  // Stores the input, not the schema's output: the validation before each run transforms the payload.
  const encode = (payload: unknown) => payloadText(payload, { name: options.name, schema });
  return {
    kind: "millrace.task",
    name: options.name,
    queue: options.queue,
    maxAttempts: options.maxAttempts,
    priority: options.priority,
    retentionMs: options.retentionMs,
    deadLetter: options.deadLetter === undefined ? undefined : deadLetterOf(options.deadLetter),
    backoff: options.backoff,
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
      // The cast is safe: the schema returned this value.
      return options.run(value as StandardSchemaV1.InferOutput<Schema>, context);
    },
  };
}

/** Whether a value is a task, even if another copy of this package made the task. */
export function isTask(value: unknown): value is AnyTask {
  return isEnqueueable(value);
}
