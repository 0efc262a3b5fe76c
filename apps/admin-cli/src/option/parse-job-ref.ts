import { isUuid } from "@millrace/base";
import { InvalidArgumentError } from "commander";

/**
 * A job as a person names it.
 * - `id`: by its whole id.
 * - `part`: by the first characters of its id, or by the last ones.
 * - `end`: by the last characters of its id, as in the short form `…470f31`.
 */
export interface JobRef {
  readonly kind: "id" | "part" | "end";
  /** The characters in lower case: a whole id, or hexadecimal digits without dashes. */
  readonly text: string;
}

/** The fewest characters that an id's end must have, because the last characters are random. */
export const END_CHARACTERS_MIN = 6;
/** After these the id has a dash. */
export const END_CHARACTERS_MAX = 12;

const PART = /^[0-9a-f]{4,32}$/;
const DASHED_PART = /^[0-9a-f]{8}(-[0-9a-f]{0,4}){1,4}[0-9a-f]{0,8}$/;
const END = new RegExp(`^(?:…|\\.\\.\\.)([0-9a-f]{${END_CHARACTERS_MIN},${END_CHARACTERS_MAX}})$`);

/**
 * Parses a job's id: the whole UUID, its first 4 or more characters, or its last 6 to 12 characters, as in the short
 * form `…470f31`. Throws `InvalidArgumentError`.
 */
export function parseJobRef(text: string): JobRef {
  const given = text.toLowerCase();
  if (isUuid(given)) return { kind: "id", text: given };
  const end = END.exec(given)?.[1];
  if (end !== undefined) return { kind: "end", text: end };
  const digits = DASHED_PART.test(given) ? given.replaceAll("-", "") : given;
  if (PART.test(digits)) return { kind: "part", text: digits };
  throw new InvalidArgumentError(
    "Expected a job id: a UUID such as 0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f, its first 4 or more characters, or its " +
      "last 6 to 12 as in …1d4e5f.",
  );
}
