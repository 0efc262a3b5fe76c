import { isStorableJson, UNSTORABLE_CHARACTERS } from "@millrace/base";
import { InvalidResultError } from "../errors.ts";

/** How many bytes a handler's output may have as JSON. Its row is read together with the job, and should stay small. */
export const OUTPUT_MAX_BYTES = 65_536;

/**
 * How many bytes a handler's progress may have as JSON. A claim's row holds it, and each new value rewrites the row.
 */
export const PROGRESS_MAX_BYTES = 16_384;

/**
 * A handler's value as the JSON text to store; null for undefined. `what` names the value in an error. Throws
 * `InvalidResultError` if the value is not JSON, is larger than `maxBytes`, or has text that PostgreSQL cannot store.
 */
export function limitedJson(
  value: unknown,
  { jobId, what, maxBytes }: { jobId: string; what: "output" | "progress"; maxBytes: number },
): string | null {
  if (value === undefined) return null;
  const refuse = (reason: string, options?: ErrorOptions): never => {
    throw new InvalidResultError(jobId, what, { reason, ...options });
  };
  const text = textOf(value, refuse);
  if (!isStorableJson(text)) return refuse(`has ${UNSTORABLE_CHARACTERS}.`);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  return refuse(
    `has ${bytes} bytes, and at most ${maxBytes} are allowed. Store the data elsewhere, and return its address.`,
  );
}

function textOf(value: unknown, refuse: (reason: string, options?: ErrorOptions) => never): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    return refuse("is no JSON: it has a cycle, or a value that JSON cannot carry.", { cause });
  }
  return text ?? refuse(`is no JSON: it is a ${typeof value}.`);
}
