import { InvalidOptionError } from "../errors.ts";
import { isStorableText, UNSTORABLE_CHARACTERS } from "./storable.ts";

/**
 * Checks that a value is a string of 1 to `charactersMax` characters that PostgreSQL can store, and returns the string.
 * Throws `InvalidOptionError`.
 */
export function checkText(option: string, value: unknown, charactersMax: number): string {
  const fits = typeof value === "string" && value !== "" && [...value].length <= charactersMax;
  if (fits && isStorableText(value)) return value;
  const expected = `a string of 1 to ${charactersMax} characters without ${UNSTORABLE_CHARACTERS}`;
  throw new InvalidOptionError(option, expected, value);
}
