import { checkText, InvalidOptionError } from "@millrace/base";
import { checkId } from "./check-id.ts";

/** How many names one call may have. */
const NAMES_MAX = 1_000;

/** Checks an array of up to 1,000 ids. Returns each id once, in lower case. Throws `InvalidOptionError`. */
export function checkSomeIds(option: string, ids: unknown): string[] {
  return [...new Set(checkArray(option, ids, "ids (UUIDs)").map((id) => checkId(option, id)))];
}

/** Checks an array of up to 1,000 texts of 1 to `charactersMax` characters. Returns each once. */
export function checkSomeTexts(option: string, texts: unknown, charactersMax: number): string[] {
  return [
    ...new Set(checkArray(option, texts, "texts").map((text) => checkText(option, text, charactersMax))),
  ];
}

function checkArray(option: string, values: unknown, what: string): readonly unknown[] {
  if (Array.isArray(values) && values.length <= NAMES_MAX) return values;
  throw new InvalidOptionError(option, `an array of at most ${NAMES_MAX} ${what}`, values);
}
