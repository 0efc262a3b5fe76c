/** What stands in a fingerprint for text that differs: numbers, ids, times, and quoted values. */
const GAPS = /<(?:n|id|time|email)>|["'`“«]…["'`”»]/;

/** A text with fewer characters is not worth a search. */
const PIECE_MIN = 3;

/**
 * The longest text that all errors of a kind have in common, by its fingerprint: what to search for to find its jobs.
 * Null where the fingerprint is nothing but gaps.
 */
export function commonText(fingerprint: string): string | null {
  const pieces = fingerprint.split(GAPS).map((piece) => piece.trim());
  const longest = pieces.reduce((best, piece) => (piece.length > best.length ? piece : best), "");
  return longest.length < PIECE_MIN || fingerprint === NO_TEXT ? null : longest;
}

/** The fingerprint of an error without a text. */
const NO_TEXT = "(no error text)";
