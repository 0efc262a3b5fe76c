import { InvalidOptionError } from "@millrace/base";

/** Above every id. */
export const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The fewest characters that select jobs by a part of the id. */
const PART_MIN = 4;

const UNDASHED = /^[0-9a-f]{4,32}$/i;

const SUFFIX = /^[0-9a-f]{4,12}$/i;

/** Checks the first characters of an id. Throws `InvalidOptionError`. */
export function checkIdPrefix(option: string, value: unknown): void {
  if (typeof value === "string" && (UNDASHED.test(value) || isDashedPrefix(value))) return;
  const expected = `the first characters of an id (a UUID), ${PART_MIN} or more of 0-9 and a-f, with or without dashes`;
  throw new InvalidOptionError(option, expected, value);
}

/** Checks the last characters of an id. Throws `InvalidOptionError`. */
export function checkIdSuffix(option: string, value: unknown): void {
  if (typeof value === "string" && SUFFIX.test(value)) return;
  throw new InvalidOptionError(
    option,
    `the last characters of an id (a UUID), ${PART_MIN} to 12 of 0-9 and a-f`,
    value,
  );
}

/** The first and the last id that begin with a prefix. */
export interface IdRange {
  first: string;
  last: string;
}

/** Returns the ids that begin with a prefix, as a range, which the primary keys serve. */
export function idsWithPrefix(prefix: string): IdRange {
  const digits = prefix.replaceAll("-", "").toLowerCase();
  return { first: uuidOf(digits.padEnd(32, "0")), last: uuidOf(digits.padEnd(32, "f")) };
}

/** Returns the id before another id. Before the first id comes the first id itself, which no job has. */
export function idBefore(id: string): string {
  const number = BigInt(`0x${id.replaceAll("-", "")}`);
  return number === 0n ? id : uuidOf((number - 1n).toString(16).padStart(32, "0"));
}

/** The greatest time that an id of version 7 can have, in ms since 1970. */
const ID_MS_MAX = 0xffff_ffff_ffff;

/** Returns the first id of version 7 that can be made at a time, in ms since 1970. */
export function idAt(ms: number): string {
  const time = Math.min(Math.max(Math.floor(ms), 0), ID_MS_MAX);
  return uuidOf(time.toString(16).padStart(12, "0").padEnd(32, "0"));
}

/** Whether a text begins an id, with dashes where a UUID has them: `0199f7a2-5c` does, `0199-f7a2` does not. */
function isDashedPrefix(text: string): boolean {
  const digits = text.replaceAll("-", "");
  return UNDASHED.test(digits) && idsWithPrefix(digits).first.startsWith(text.toLowerCase());
}

function uuidOf(digits: string): string {
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join("-");
}
