import { DELAY_MS_MAX } from "@millrace/schema/values";
import { InvalidArgumentError } from "commander";

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** Reads a duration such as `30s`, `5m`, `2h`, `1d`, or a number of ms. Returns ms, or null for any other text. */
export function durationMs(text: string): number | null {
  const [, digits, unit = ""] = /^(\d+)([a-z]*)$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS.get(unit) ?? Number.NaN);
  return ms <= DELAY_MS_MAX ? ms : null;
}

/**
 * Parses a delay such as `30s`, `5m`, `2h`, `1d`, or a number of ms. Returns ms, at most 36525 days. Throws
 * `InvalidArgumentError`.
 */
export function parseDelay(text: string): number {
  const delayMs = durationMs(text);
  if (delayMs !== null) return delayMs;
  throw new InvalidArgumentError("Expected a delay such as 30s, 5m, 2h, 1d or 1500 (ms), at most 36525d.");
}

/** Parses a delay, or `none` to take a setting away. Throws `InvalidArgumentError`. */
export function parseDelayOrNone(text: string): number | "none" {
  return text === "none" ? text : parseDelay(text);
}
