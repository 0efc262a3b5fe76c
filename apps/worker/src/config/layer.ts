import { nearName } from "@millrace/base";
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
  const near = nearName(key, known);
  return `${key}: unknown${near === undefined ? "" : `; did you mean ${near}?`}`;
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
