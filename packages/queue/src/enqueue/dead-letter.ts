import { fieldNames } from "@millrace/base";
import type { DeadLetter } from "@millrace/schema/values";
import type { JsonValue } from "../job/job.ts";
import { type EnqueueableTask, isEnqueueable } from "./enqueueable-task.ts";

/** A way to name a dead letter: the name of its task, its type and queue, or its task. Null: no dead letter. */
export type DeadLetterOption = string | DeadLetter | Pick<EnqueueableTask, "kind" | "name" | "queue"> | null;

/**
 * The payload of a dead letter: what failed, and why.
 *
 * @example
 * const mourn = defineTask({
 *   name: "mourn",
 *   payload: z.custom<DeadLetterPayload>(),
 *   run: ({ jobId, type, error }) => tellSupport(`${type} ${jobId} failed: ${error}`),
 * });
 */
export interface DeadLetterPayload {
  /** The failed job. `queue.get(jobId)` reads the job until it is pruned. */
  jobId: string;
  type: string;
  queue: string;
  /** The payload of the failed job. Null if it does not fit into the dead letter: then `note` says so. */
  payload: JsonValue;
  /** What the job's last error was, as `lastError` of the job has it. */
  error: string;
  /** How many attempts were used, as `attempts` of the job has it. */
  attempts: number;
  /** When the job failed, by the database's clock: ISO 8601 in UTC, to the ms. */
  failedAt: string;
  /** Says that the payload was left out, and how large it is. Absent if the payload was not left out. */
  note?: string;
}

/** The fields of a dead letter that is given as an object, for checks of unknown fields. */
export const DEAD_LETTER_FIELDS = fieldNames<DeadLetter>({ type: true, queue: true });

/** What an option names, with its parts. Checks nothing. */
export function deadLetterOf(given: DeadLetterOption): DeadLetter | null {
  if (typeof given === "string") return { type: given };
  if (given === null || !isEnqueueable(given)) return given as DeadLetter | null;
  return { type: given.name, ...(given.queue === undefined ? {} : { queue: given.queue }) };
}
