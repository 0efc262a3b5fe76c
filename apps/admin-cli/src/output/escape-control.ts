/**
 * What must not reach a terminal as it is: C0 and C1 controls, line and paragraph separators, and the marks that
 * turn the direction of text. A job's data could otherwise clear the screen or forge a line.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Writes control characters as JSON escapes: `\n`, `\t`, `\u001b`. Everything else is left as it is. */
export function escapeControl(text: string): string {
  return text.replace(UNSAFE, escapeOne);
}

/** As `escapeControl`, but line ends stay line ends: for text that has a block of lines of its own. */
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
