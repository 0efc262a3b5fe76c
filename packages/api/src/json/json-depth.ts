import { endOfString } from "./json-scan.ts";

/** Returns how deep the objects and arrays of a JSON text are nested. Needs no stack, however deep they are. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; ) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (character === "{" || character === "[") {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === "}" || character === "]") {
      depth -= 1;
    }
    at += 1;
  }
  return deepest;
}
