import { isStorableJson, isStorableText, shown, UNSTORABLE_CHARACTERS } from "@millrace/base";
import { JsonText } from "@millrace/queue";
import { PAYLOAD_BYTES_MAX } from "@millrace/schema/values";
import { InvalidScheduleError } from "../errors.ts";

/**
 * Checks that a value is a string of 1 to 100 characters that PostgreSQL can store, and not only blanks.
 * Returns the string. Throws `InvalidScheduleError`.
 */
export function checkText(field: string, value: unknown, example: string): string {
  if (typeof value !== "string" || value.trim() === "" || [...value].length > 100) {
    throw new InvalidScheduleError(field, {
      reason: `must be a string of 1 to 100 characters, got ${shown(value)}`,
      example,
    });
  }
  if (!isStorableText(value)) {
    const reason = `must not contain ${UNSTORABLE_CHARACTERS}`;
    throw new InvalidScheduleError(field, { reason, example });
  }
  return value;
}

/** Checks that a value is an integer from `min` to `max`, and returns the integer. Throws `InvalidScheduleError`. */
export function checkInteger(field: string, value: unknown, [min, max]: readonly [number, number]): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  const reason = `must be an integer from ${min} to ${max}, got ${shown(value)}`;
  throw new InvalidScheduleError(field, { reason, example: String(Math.max(min, 0)) });
}

/** Checks that a value is true or false. Throws `InvalidScheduleError`. */
export function checkBoolean(field: string, value: unknown): void {
  if (typeof value === "boolean") return;
  const reason = `must be true or false, got ${shown(value)}`;
  throw new InvalidScheduleError(field, { reason, example: "true" });
}

/** Checks that a value is one of the allowed values, and returns the value. Throws `InvalidScheduleError`. */
export function checkOneOf<Value extends string>(
  field: string,
  value: unknown,
  allowed: readonly Value[],
): Value {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  const reason = `must be one of ${allowed.join(", ")}, got ${shown(value)}`;
  throw new InvalidScheduleError(field, { reason, example: allowed[0] ?? "" });
}

/**
 * Checks that a value is null or a `Date` of the years 1 to 9999. Returns null, or the instant as ISO text.
 * Throws `InvalidScheduleError`.
 */
export function checkInstant(field: string, value: unknown): string | null {
  if (value === null) return null;
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    const text = value.toISOString();
    // PostgreSQL reads neither the sign that ISO text gives to years before 0 and after 9999, nor the year 0.
    if (/^\d{4}-/.test(text) && !text.startsWith("0000")) return text;
  }
  const reason = `must be a valid Date of the years 1 to 9999, or null, got ${shown(value)}`;
  throw new InvalidScheduleError(field, { reason, example: 'new Date("2030-01-31T09:00:00Z")' });
}

/**
 * Checks that a value is JSON that a job can have as its payload, and returns the JSON text. Throws
 * `InvalidScheduleError`.
 */
export function checkPayload(value: unknown): string {
  const text = value instanceof JsonText ? value.text : jsonOf(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > PAYLOAD_BYTES_MAX) {
    throw payloadError(`must have at most ${PAYLOAD_BYTES_MAX} bytes of JSON, got ${bytes}`);
  }
  return text;
}

function jsonOf(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw payloadError("must be JSON: it has a cycle or a value JSON cannot carry", { cause });
  }
  if (text === undefined) throw payloadError(`must be JSON, got ${typeof value}`);
  if (!isStorableJson(text)) throw payloadError(`must not contain ${UNSTORABLE_CHARACTERS}`);
  return text;
}

const payloadError = (reason: string, options?: ErrorOptions) =>
  new InvalidScheduleError("payload", { reason, example: '{"to":"a@example.com"}' }, options);
