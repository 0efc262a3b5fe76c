import type { ConfigProblem } from "./config-error.ts";
import type { SettingKind, SettingName } from "./settings.ts";

/** A value that was found for a setting, not checked yet, and where. */
export interface Found {
  value: unknown;
  /** As the problem list names it: `MILLRACE_POLL_MS`, `--poll-ms` or `pollMs (millrace.config.json)`. */
  origin: string;
}

/** What one source of configuration says. */
export interface Layer {
  found: Partial<Record<SettingName, Found>>;
  problems: ConfigProblem[];
}

/** Reads a setting's text as its natural type; text that is not of that type stays text, for the check to refuse. */
export function readText(kind: SettingKind, text: string): unknown {
  switch (kind) {
    case "text":
      return text;
    case "integer":
      return /^[+-]?\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case "list":
      return text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");
    case "switch":
      return SWITCH_WORDS.get(text.trim().toLowerCase()) ?? text;
    default:
      return kind satisfies never;
  }
}

/** Names an unknown key, with the known one it looks like. */
export function unknownKey(key: string, known: readonly string[]): ConfigProblem {
  const near = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const hint =
    near !== undefined && near.distance <= Math.max(2, key.length / 5) ? `; did you mean ${near.name}?` : "";
  return `${key}: unknown${hint}`;
}

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ["on", true],
  ["true", true],
  ["yes", true],
  ["1", true],
  ["off", false],
  ["false", false],
  ["no", false],
  ["0", false],
]);

/** Levenshtein's distance: how many letters to change, add or remove. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
