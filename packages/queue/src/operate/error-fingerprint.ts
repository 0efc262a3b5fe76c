/** How many characters of an error are read from the database: the fingerprint needs the first line. */
export const ERROR_MAX = 1_000;

/** How many characters of an error's first line are looked at. */
const LOOKED_AT_MAX = 500;

/** How many characters a fingerprint has at most. */
export const FINGERPRINT_MAX = 200;

/** The fingerprint of an error without a text. */
const NO_TEXT = "(no error text)";

/** How many lines of a message are read as one if each of them only begins something: `ZodError: [`. */
const LINES_MAX = 4;

/** A line of a stack, as V8 writes it. */
const FRAME = /^\s*at /;

/** What is replaced, in this order. At this point, every run of digits is the digit 0. */
const REPLACED: readonly (readonly [RegExp, string])[] = [
  // Millrace's own text about a crash. The id of a worker may be any text.
  [/\bWorker \S+ stopped renewing/g, "Worker <id> stopped renewing"],
  [/"(?:[^"\\]|\\.)*"/g, '"…"'],
  // An apostrophe inside a word quotes nothing: `can't`.
  [/(?<!\w)'[^']*'(?!\w)/g, "'…'"],
  [/`[^`]*`/g, "`…`"],
  [/“[^”]*”/g, "“…”"],
  [/«[^»]*»/g, "«…»"],
  [/[^\s"'`<>(),;:=]+@[\w-]+(?:\.[\w-]+)+/g, "<email>"],
  // The query of a URL differs in each call, and may be private.
  [/(\bhttps?:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi, "$1"],
  [/\b0-0-0T0:0(?::0(?:\.0)?)?(?:Z|[+-]0(?::0)?)?/gi, "<time>"],
  [/\b[0a-f]{1,8}(?:-[0a-f]{1,4}){3}-[0a-f]{1,12}\b/gi, "<id>"],
  [/\b0x[0a-f]+\b/gi, "<id>"],
];

/** A word's part without `-` and `_`, which may be an id. */
const PART = /[a-z0]+/gi;

/** The parts of one word from its first id on. */
const ID_AND_MORE = /<id>(?:[-_](?:<id>|[a-z0]+))+/gi;

/** A number, with its sign, its separators and its exponent. */
const NUMBER = /(?:(?<=^|[\s([{=:,])[-+])?0(?:[.,:]0)*(?:e[-+]?0)?/gi;

/**
 * Returns what the errors of one kind have in common: the error's first line without ids, numbers, hexadecimal text and
 * quoted values. So "timeout after 5003 ms for user 42" and "timeout after 12 ms for user 7" have one fingerprint. A
 * fingerprint is a text for people, of at most 200 characters.
 *
 * Each run of digits becomes the digit 0 before anything else, so other numbers never make another fingerprint.
 *
 * @example
 * errorFingerprint("Error: timeout after 5003 ms"); // "Error: timeout after <n> ms"
 */
export function errorFingerprint(error: string | null): string {
  let text = (firstLineOf(error) ?? "").replace(/\d+/g, "0").slice(0, LOOKED_AT_MAX);
  for (const [found, instead] of REPLACED) text = text.replace(found, instead);
  text = text
    .replace(PART, (part) => (isId(part) ? "<id>" : part))
    .replace(ID_AND_MORE, "<id>")
    .replace(NUMBER, "<n>")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, FINGERPRINT_MAX);
  return text === "" ? NO_TEXT : text;
}

/** Returns the message of an error, without frames, as the statements about failures read it. */
export function messageOf(error: string | null): string | null {
  if (error === null) return null;
  // PostgreSQL counts characters, and JavaScript may count two for one.
  const beginning = [...error.slice(0, 2 * ERROR_MAX)].slice(0, ERROR_MAX).join("");
  return beginning.split("\n    at ", 1)[0] ?? "";
}

/**
 * Returns an error's first line that says something, without its stack; null if there is none. Further lines belong to
 * the first line if it ends as the beginning of something.
 */
export function firstLineOf(error: string | null): string | null {
  const lines: string[] = [];
  for (const line of (error ?? "").split(/\r?\n/)) {
    if (FRAME.test(line) || lines.length === LINES_MAX) break;
    if (line.trim() === "") continue;
    lines.push(line.trim());
    if (!/[[{(:]$/.test(line.trimEnd())) break;
  }
  return lines.length === 0 ? null : lines.join(" ");
}

/**
 * Whether a part of a word is an id, and not a name with a number, such as `utf8mb4`. An id mixes letters and digits:
 * it has several runs of digits, or it is hexadecimal.
 */
function isId(part: string): boolean {
  const letters = part.replaceAll("0", "");
  const runsOfDigits = part.length - letters.length;
  if (runsOfDigits === 0) return false;
  if (runsOfDigits >= 2 && letters.length >= 6) return true;
  return /^[a-f]+$/i.test(letters) && letters.length >= (runsOfDigits >= 2 ? 3 : 5);
}
