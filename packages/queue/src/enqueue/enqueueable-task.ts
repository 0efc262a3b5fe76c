import type { JsonValue } from "../job/job.ts";

/** What an enqueue needs of a task, which `defineTask` makes. `Input` is what `enqueue` accepts. */
export interface EnqueueableTask<Input = never> {
  readonly kind: "millrace.task";
  readonly name: string;
  readonly queue: string | undefined;
  readonly maxAttempts: number | undefined;
  readonly priority: number | undefined;
  /** Checks a payload as it will be read back from its JSON, and returns the payload. Throws `InvalidPayloadError`. */
  check(payload: Input): Promise<JsonValue>;
  /**
   * Checks a payload as `check` does, and returns the JSON text to store. Not a promise if the schema answers at once.
   */
  encode(payload: Input): string | Promise<string>;
}

/** Whether a value is a task that can be enqueued, whichever copy of this package made it. */
export function isEnqueueable(value: unknown): value is EnqueueableTask<unknown> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "millrace.task";
}
