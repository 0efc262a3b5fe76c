import { InvalidResultError } from "../errors.ts";

/** What a handler returns may be this large as JSON, in bytes: a row that is read with its job should stay small. */
export const OUTPUT_MAX_BYTES = 65_536;

/** What a handler tells as its progress may be this large as JSON, in bytes: it is written again and again. */
export const PROGRESS_MAX_BYTES = 16_384;

/**
 * A handler's value as the JSON text to store; null for undefined. `what` names it in the error. Throws
 * `InvalidResultError` when it is not JSON, or larger than `maxBytes`.
 */
export function limitedJson(
  value: unknown,
  { jobId, what, maxBytes }: { jobId: string; what: "output" | "progress"; maxBytes: number },
): string | null {
  if (value === undefined) return null;
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new InvalidResultError(
      jobId,
      `is no JSON as its ${what}: it has a cycle or a value JSON cannot carry.`,
      {
        cause,
      },
    );
  }
  if (text === undefined)
    throw new InvalidResultError(jobId, `is no JSON as its ${what}: it is a ${typeof value}.`);
  // An escaped backslash before "u0000" is harmless.
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(text)) {
    throw new InvalidResultError(
      jobId,
      `has the character U+0000 in its ${what}, which PostgreSQL cannot store.`,
    );
  }
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  throw new InvalidResultError(
    jobId,
    `has an ${what} of ${bytes} bytes, and ${maxBytes} are the most. Store it elsewhere, and return where.`.replace(
      "an progress",
      "a progress",
    ),
  );
}
