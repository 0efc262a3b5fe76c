import { InvalidOptionError } from "./errors.ts";

/**
 * The value, when it is text of 1 to `charactersMax` characters that PostgreSQL can store. Throws `InvalidOptionError`.
 */
export function checkText(option: string, value: string, charactersMax: number): string {
  const fits = typeof value === "string" && value !== "" && [...value].length <= charactersMax;
  if (fits && !value.includes("\u0000")) return value;
  throw new InvalidOptionError(option, `a string of 1 to ${charactersMax} characters without U+0000`, value);
}
