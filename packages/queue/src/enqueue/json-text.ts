import { shown, UNSTORABLE_CHARACTERS } from "@millrace/base";
import { PAYLOAD_BYTES_MAX } from "@millrace/schema/values";
import { InvalidPayloadError } from "../errors.ts";

/** An escape of a JSON string: `\u` with its four digits, or a backslash with any other character. */
const ESCAPE = /\\(?:u([0-9a-f]{4})|.)/gi;

/** A number with its parts, as JSON writes it. */
const NUMBER = /-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?/gi;

/** How many digits PostgreSQL stores before and behind the decimal point of a number. */
const DIGITS_BEFORE_MAX = 131_072;
const DIGITS_BEHIND_MAX = 16_383;

/**
 * PostgreSQL writes all digits of a number: of `1e131071`, 131,072. A number of more digits than any number of
 * JavaScript has is written out here, so that the length of the text tells how much a claim reads.
 */
const DIGITS_MAX = 400;

/** Numbers are written out to at most so many digits in all: a larger payload is refused in any case. */
const WRITTEN_DIGITS_MAX = PAYLOAD_BYTES_MAX;

/**
 * A payload as JSON text, which is stored without rounding: JavaScript would read `12345678901234567890.123` as another
 * number. Only for jobs that are enqueued by type name, because a task checks values, not text. A handler gets the
 * payload as a JavaScript value, whose numbers are rounded as JavaScript does.
 *
 * Throws `InvalidPayloadError` (`INVALID_PAYLOAD`) for a text that is not JSON, or that PostgreSQL cannot store.
 *
 * @example
 * await queue.enqueue("charge", new JsonText('{"amount": 12345678901234567890.123}'));
 */
export class JsonText {
  /** The JSON text, in one line, without blanks between its parts. Numbers of more than 400 digits are written out. */
  readonly text: string;

  constructor(text: string) {
    const problem = problemOf(text);
    if (problem !== null) throw new InvalidPayloadError(null, [problem]);
    const { strings, between } = partsOf(text);
    this.text = between
      .map((part, at) => withDigits(part.replace(/\s+/g, "")) + (strings[at] ?? ""))
      .join("");
  }

  /** Returns the value of the text for `JSON.stringify`: its numbers are rounded as JavaScript does. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** Returns what is wrong with a text; null if the text is JSON that can be stored. */
function problemOf(text: unknown): string | null {
  if (typeof text !== "string") return `the payload must be JSON as a string, got ${shown(text)}`;
  try {
    JSON.parse(text);
  } catch (error) {
    return `the payload is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (!isStorable(text)) return `the payload must not contain ${UNSTORABLE_CHARACTERS}`;
  let digits = 0;
  for (const [number, before = "", behind = "", exponent = "0"] of numbersOf(text)) {
    if (!fits(before, behind, Number(exponent))) {
      return `the number ${number.slice(0, 50)} has more digits than PostgreSQL stores`;
    }
    digits += digitsOf(before, behind, Number(exponent));
  }
  return digits <= WRITTEN_DIGITS_MAX
    ? null
    : `the numbers of the payload have ${digits} digits when written out, and ${WRITTEN_DIGITS_MAX} are allowed`;
}

/** Whether PostgreSQL can store the characters of a JSON text, which may be written as escapes. */
function isStorable(text: string): boolean {
  if (!text.isWellFormed()) return false;
  /** The index at which the second half of a surrogate pair must stand; null if no pair has begun. */
  let secondAt: number | null = null;
  for (const { 0: found, 1: digits, index } of text.matchAll(ESCAPE)) {
    const code = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
    const isSecond = code >= 0xdc00 && code <= 0xdfff;
    if (code === 0 || isSecond !== (secondAt !== null) || (isSecond && index !== secondAt)) return false;
    secondAt = code >= 0xd800 && code <= 0xdbff ? index + found.length : null;
  }
  return secondAt === null;
}

/** The numbers of a JSON text, with their parts. */
function numbersOf(text: string): RegExpExecArray[] {
  return partsOf(text).between.flatMap((part) => [...part.matchAll(NUMBER)]);
}

/** Returns the strings of a JSON text, and what stands before, between and behind the strings. */
function partsOf(text: string): { strings: string[]; between: string[] } {
  const strings: string[] = [];
  const between: string[] = [];
  let at = 0;
  for (let begin = text.indexOf('"'); begin !== -1; begin = text.indexOf('"', at)) {
    between.push(text.slice(at, begin));
    at = endOfString(text, begin);
    strings.push(text.slice(begin, at));
  }
  return { strings, between: [...between, text.slice(at)] };
}

/** Returns where the JSON string that begins at an index is over. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
}

/** Whether PostgreSQL stores all digits of a number. */
function fits(before: string, behind: string, exponent: number): boolean {
  return before.length + exponent <= DIGITS_BEFORE_MAX && behind.length - exponent <= DIGITS_BEHIND_MAX;
}

/** With how many digits PostgreSQL writes a number. */
function digitsOf(before: string, behind: string, exponent: number): number {
  return Math.max(1, before.length + exponent) + Math.max(0, behind.length - exponent);
}

/** Writes out the long numbers of a part of a JSON text that has no strings. */
function withDigits(part: string): string {
  return part.replace(NUMBER, (number, before: string, behind = "", exponent: string | undefined) =>
    exponent === undefined || digitsOf(before, behind, Number(exponent)) <= DIGITS_MAX
      ? number
      : `${number.startsWith("-") ? "-" : ""}${writtenOut(before, behind, Number(exponent))}`,
  );
}

/** The digits of a number with an exponent, with as many behind the point as PostgreSQL stores. */
function writtenOut(before: string, behind: string, exponent: number): string {
  const point = before.length + exponent;
  const digits =
    "0".repeat(Math.max(0, -point)) + before + behind + "0".repeat(Math.max(0, exponent - behind.length));
  const whole = digits.slice(0, Math.max(0, point)).replace(/^0+(?=\d)/, "");
  const fraction = digits.slice(Math.max(0, point));
  return `${whole === "" ? "0" : whole}${fraction === "" ? "" : `.${fraction}`}`;
}
