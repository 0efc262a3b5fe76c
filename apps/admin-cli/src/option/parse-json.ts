import type { JsonValue } from "@millrace/queue";
import { UsageError } from "../usage-error.ts";

/**
 * Parses a payload's JSON. `source` names the payload's origin in messages. Throws `UsageError` for text that is not
 * JSON, for an integer that JavaScript cannot hold exactly, and for a number beyond JavaScript's range.
 */
export function parseJson(text: string, source: string): JsonValue {
  try {
    return JSON.parse(text, keepNumber) as JsonValue;
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : String(error);
    if (error instanceof UsageError) throw new UsageError(`${source}: ${error.message}`);
    throw new UsageError(
      `${source} is not JSON: ${reason}. Expected a JSON value such as '{"to":"a@example.com"}'.`,
      {
        cause: error,
      },
    );
  }
}

/** Refuses a number that parsing would change: an id of twenty digits must not become another id. */
function keepNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined) return value;
  const changed = !Number.isFinite(value) || (/^-?\d+$/.test(source) && BigInt(source) !== BigInt(value));
  if (!changed) return value;
  throw new UsageError(`the number ${source} cannot be kept exactly; write it as a string.`);
}
