import { isStorableJson, UNSTORABLE_CHARACTERS } from "@millrace/base";
import { InvalidResultError } from "../errors.ts";

/** What a handler returns may be this large as JSON, in bytes: a row that is read with its job should stay small. */
export const OUTPUT_MAX_BYTES = 65_536;

/** What a handler sets as its progress may be this large as JSON, in bytes: it is written again and again. */
export const PROGRESS_MAX_BYTES = 16_384;

/**
 * A handler's value as the JSON text to store; null for undefined. `what` names it in the error. Throws
 * `InvalidResultError` when it is not JSON, larger than `maxBytes`, or text that PostgreSQL cannot store.
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
  return refuse(`has ${bytes} bytes, and ${maxBytes} are the most. Store it elsewhere, and give where.`);
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
