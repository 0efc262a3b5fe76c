/**
 * Matches an escape that PostgreSQL refuses in JSON: U+0000, or half of a surrogate pair, which JSON.stringify writes
 * as an escape. After an escaped backslash, the same characters are plain text and do not match.
 */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Returns whether PostgreSQL can store a JSON text that JSON.stringify wrote. */
export function isStorableJson(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** The characters that PostgreSQL cannot store, in words. */
export const UNSTORABLE_CHARACTERS =
  "the character U+0000 or half of a surrogate pair, which PostgreSQL cannot store";

/**
 * Returns whether PostgreSQL stores a text unchanged.
 * The driver writes half of a surrogate pair as U+FFFD, so that another text would be read back.
 */
export function isStorableText(text: string): boolean {
  return !text.includes("\u0000") && text.isWellFormed();
}
