import { nearName } from "@millrace/base";
import type { ConfigProblem } from "./config-error.ts";
import type { SettingKind, SettingName } from "./settings.ts";

/** An unchecked value of a setting, and the origin of the value. */
export interface Found {
  value: unknown;
  /** The origin's name in problems: `MILLRACE_POLL_MS`, `--poll-ms` or `pollMs (millrace.config.json)`. */
  origin: string;
}

/** The values and problems of one source of configuration. */
export interface Layer {
  found: Partial<Record<SettingName, Found>>;
  problems: ConfigProblem[];
}

/** Converts a setting's text to the setting's type. Returns the text itself when the text does not fit the type. */
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
    case "json":
      try {
        return JSON.parse(text);
      } catch {
        // The check of the setting refuses the text, and shows it.
        return text;
      }
    case "switch":
      return SWITCH_WORDS.get(text.trim().toLowerCase()) ?? text;
    default:
      return kind satisfies never;
  }
}

/** Describes an unknown key, and suggests a known key with a similar name. */
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
