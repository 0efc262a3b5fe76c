import { type PathState, type RedactedPath, rootState } from "@millrace/base";
import { afterSpace, endOfString, endOfValue } from "../json/json-scan.ts";

/** What is sent in place of a redacted value, as JSON. */
export const REDACTED = '"[redacted]"';

/** A JSON text without the values at redacted paths. */
export interface RedactedJson {
  text: string;
  /** The paths at which there was a value, as the caller wrote them. */
  hits: readonly string[];
}

/** An object or array that the scan is in. */
interface Frame {
  isArray: boolean;
  /** The position of the next element of an array. */
  index: number;
  state: PathState;
}

/**
 * Replaces the values at the given paths. The rest of the text stays as it is, character by character, so that no
 * number is rounded. Needs no stack, however deep the JSON is. Throws `SyntaxError` for a text that is no JSON.
 */
export function redactJson(
  text: string,
  paths: readonly RedactedPath[],
  { anyIndex = false }: { anyIndex?: boolean } = {},
): RedactedJson {
  const hits = new Set<string>();
  const pieces: string[] = [];
  const frames: Frame[] = [];
  let copied = 0;

  const passValue = (start: number, state: PathState): number => {
    const isArray = text[start] === "[";
    const hasParts = isArray || text[start] === "{";
    if (state.ends.length === 0 && hasParts && !state.isDead) {
      frames.push({ isArray, index: 0, state });
      return start + 1;
    }
    const end = endOfValue(text, start);
    if (state.ends.length > 0) {
      for (const name of state.ends) hits.add(name);
      pieces.push(text.slice(copied, start), REDACTED);
      copied = end;
    }
    return end;
  };

  let at = passValue(afterSpace(text, 0), rootState(paths, { anyIndex }));
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    at = afterSpace(text, at);
    if (at >= text.length) throw new SyntaxError("The JSON text ends too early.");
    if (text[at] === "}" || text[at] === "]") {
      frames.pop();
      at += 1;
      continue;
    }
    if (text[at] === ",") at = afterSpace(text, at + 1);
    const { key, valueAt } = frame.isArray ? elementAt(frame, at) : memberAt(text, at);
    at = passValue(valueAt, frame.state.after(key, frame.isArray));
  }
  pieces.push(text.slice(copied));
  return { text: pieces.join(""), hits: [...hits] };
}

function elementAt(frame: Frame, at: number): { key: string; valueAt: number } {
  frame.index += 1;
  return { key: String(frame.index - 1), valueAt: at };
}

function memberAt(text: string, at: number): { key: string; valueAt: number } {
  const end = endOfString(text, at);
  const key: unknown = JSON.parse(text.slice(at, end));
  if (typeof key !== "string") throw new SyntaxError("A key of the JSON text is no string.");
  const colon = afterSpace(text, end);
  return { key, valueAt: afterSpace(text, colon + 1) };
}
