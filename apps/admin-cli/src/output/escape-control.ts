/**
 * Characters that must not reach a terminal: C0 and C1 controls, line and paragraph separators, marks that change the
 * direction of text, and U+FEFF. With these characters a job's data could clear the screen or forge a line.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern must find control characters.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Replaces control characters by JSON escapes: `\n`, `\t`, `\u001b`. All other text stays the same. */
export function escapeControl(text: string): string {
  return text.replace(UNSAFE, escapeOne);
}

/** Escapes control characters as `escapeControl` does, but keeps tabs and line ends. For text in a block of lines. */
export function escapeLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split("\t").map(escapeControl).join("\t"))
    .join("\n");
}

function escapeOne(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
