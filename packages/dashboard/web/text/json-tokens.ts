/** What a piece of JSON text is. `bad` is text that is no JSON. */
export type JsonTokenKind = "key" | "string" | "number" | "literal" | "punctuation" | "bad";

/** A piece of JSON text, exactly as it was written. */
export interface JsonToken {
  kind: JsonTokenKind;
  text: string;
}

/** A line of JSON that was laid out for people. */
export interface JsonLine {
  depth: number;
  tokens: JsonToken[];
}

/** A JSON string. A string that never ends reaches to the end of the text, so that each character is read once. */
const STRING = String.raw`("(?:[^"\\]+|\\[\s\S])*(?:(")|\\?$))`;

const NUMBER = String.raw`(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)`;

/** White space, or one token: a string, a number, a literal, a punctuation mark, or text that is no JSON. */
const TOKEN = new RegExp(
  String.raw`\s+|${STRING}|${NUMBER}|(true|false|null)|([{}[\],:])|[^\s"{}[\],:]+`,
  "gy",
);

/**
 * Splits JSON text into its tokens, without white space. Numbers and strings keep their text, so nothing is rounded and
 * no escape is read. Text that is no JSON comes back as `bad` tokens: no character but white space is lost.
 */
export function jsonTokens(text: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  for (const [whole, string, end, number, literal, punctuation] of text.matchAll(TOKEN)) {
    if (string !== undefined) tokens.push({ kind: end === undefined ? "bad" : "string", text: string });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (literal !== undefined) tokens.push({ kind: "literal", text: literal });
    else if (punctuation !== undefined) {
      if (punctuation === ":") markKey(tokens);
      tokens.push({ kind: "punctuation", text: punctuation });
    } else if (whole.trim() !== "") tokens.push({ kind: "bad", text: whole });
  }
  return tokens;
}

/** The string before a colon is a key. */
function markKey(tokens: JsonToken[]): void {
  const last = tokens.at(-1);
  if (last?.kind === "string") last.kind = "key";
}

/** How far to the right a line stands at most, in levels. */
const DEPTH_SHOWN_MAX = 100;

/** Lays out JSON for people: one member a line, empty objects and arrays on one line. */
export function jsonLines(tokens: readonly JsonToken[]): JsonLine[] {
  const lines: JsonLine[] = [];
  // Deeper lines stand no further to the right: the indentation of all lines would grow with the square of the depth.
  const indent = () => Math.min(depth, DEPTH_SHOWN_MAX);
  let line: JsonLine = { depth: 0, tokens: [] };
  let depth = 0;
  const breakLine = () => {
    if (line.tokens.length > 0) lines.push(line);
    line = { depth: indent(), tokens: [] };
  };
  for (const [index, token] of tokens.entries()) {
    const { text } = token;
    const structural = token.kind === "punctuation";
    if (structural && (text === "}" || text === "]")) {
      depth = Math.max(0, depth - 1);
      if (!isOpening(tokens[index - 1])) breakLine();
      line.tokens.push(token);
      continue;
    }
    line.tokens.push(token);
    if (structural && text === ",") breakLine();
    if (isOpening(token)) {
      depth++;
      if (!isClosing(tokens[index + 1])) breakLine();
    }
  }
  if (line.tokens.length > 0) lines.push(line);
  return lines;
}

/** JSON laid out for people, as text: two spaces a level. */
export function prettyJson(text: string): string {
  return jsonLines(jsonTokens(text))
    .map(({ depth, tokens }) => "  ".repeat(depth) + lineText(tokens))
    .join("\n");
}

/** The text of one line: a space after each colon. */
function lineText(tokens: readonly JsonToken[]): string {
  return tokens.map(({ kind, text }) => (kind === "punctuation" && text === ":" ? ": " : text)).join("");
}

const isOpening = (token: JsonToken | undefined) =>
  token?.kind === "punctuation" && (token.text === "{" || token.text === "[");

const isClosing = (token: JsonToken | undefined) =>
  token?.kind === "punctuation" && (token.text === "}" || token.text === "]");
