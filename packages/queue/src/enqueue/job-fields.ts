import { isStorableText, shown, UNSTORABLE_CHARACTERS } from "@millrace/base";
import { InvalidJobError } from "../errors.ts";

// Checks of the fields of a job to enqueue. Each returns the value, or throws `InvalidJobError`, which names the field.

/** Checks a text of 1 to `charactersMax` characters. */
export function checkName(field: string, value: unknown, charactersMax: number): string {
  if (typeof value !== "string" || value === "" || [...value].length > charactersMax) {
    throw new InvalidJobError(
      field,
      `must be a string of 1 to ${charactersMax} characters, got ${shown(value)}.`,
    );
  }
  if (!isStorableText(value)) {
    throw new InvalidJobError(field, `must not contain ${UNSTORABLE_CHARACTERS}.`);
  }
  return value;
}

/** Checks an integer of a range. */
export function checkInteger(field: string, value: unknown, [min, max]: readonly [number, number]): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidJobError(field, `must be an integer from ${min} to ${max}, got ${shown(value)}.`);
  }
  return value;
}

/** Checks an instant: PostgreSQL must be able to read its ISO text. */
export function checkInstant(field: string, value: unknown): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw new InvalidJobError(field, `must be a valid Date, got ${shown(value)}.`);
  }
  const text = value.toISOString();
  // Other years have a sign in ISO text, which PostgreSQL does not read.
  if (/^\d{4}-/.test(text) && !text.startsWith("0000")) return value;
  throw new InvalidJobError(field, `must be in the years 1 to 9999, got ${text}.`);
}
