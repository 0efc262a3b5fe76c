import type { DeadLetter } from "@millrace/schema/values";
import type { JsonValue } from "../job/job.ts";

/** The part of a task that an enqueue needs. `defineTask` makes tasks. `enqueue` accepts an `Input` as the payload. */
export interface EnqueueableTask<Input = never> {
  readonly kind: "millrace.task";
  readonly name: string;
  readonly queue: string | undefined;
  readonly maxAttempts: number | undefined;
  readonly priority: number | undefined;
  /** How long the task's jobs are kept after their end, in ms. Undefined: their queue or `prune` decides. */
  readonly retentionMs: number | undefined;
  /** The job that a final failure enqueues. Null: none. Undefined: the queue of the job decides. */
  readonly deadLetter: DeadLetter | null | undefined;
  /** Checks a payload as it would be read back from JSON. Returns the payload. Throws `InvalidPayloadError`. */
  check(payload: Input): Promise<JsonValue>;
  /** Checks a payload as `check` does. Returns the JSON text to store, or a promise if the schema returns a promise. */
  encode(payload: Input): string | Promise<string>;
}

/** Whether a value is a task that can be enqueued, even if another copy of this package made the task. */
export function isEnqueueable(value: unknown): value is EnqueueableTask<unknown> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "millrace.task";
}
