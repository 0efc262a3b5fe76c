/**
 * An escape that PostgreSQL refuses: U+0000, or half of a surrogate pair, which JSON.stringify writes as an escape.
 * After an escaped backslash, the same characters are plain text.
 */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Whether PostgreSQL can store text that JSON.stringify wrote. */
export function isStorableJson(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** In words, the characters that PostgreSQL cannot store. */
export const UNSTORABLE_CHARACTERS =
  "the character U+0000 or half of a surrogate pair, which PostgreSQL cannot store";

/**
 * Whether PostgreSQL can store text as it is. The driver writes half of a surrogate pair as U+FFFD: the text read back
 * would differ.
 */
export function isStorableText(text: string): boolean {
  return !text.includes("\u0000") && text.isWellFormed();
}
