import { stripVTControlCharacters } from "node:util";

const PRINTABLE_ASCII = /^[\u0020-\u007e]*$/;

/** What a terminal draws in two columns: emoji, and the wide characters of East Asian scripts. */
const WIDE = new RegExp(
  "^(\\p{Emoji_Presentation}|[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff" +
    "\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6\\u{1f300}-\\u{1faff}\\u{20000}-\\u{3fffd}])",
  "u",
);

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Returns how many columns of a terminal a text takes. Colours take none. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text)))
    width += WIDE.test(segment) ? 2 : 1;
  return width;
}
