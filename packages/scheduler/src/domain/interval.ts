import { DELAY_MS_MAX } from "@millrace/schema/values";
import { LAST_INSTANT } from "./last-instant.ts";
import type { Timetable } from "./next-tick.ts";

/** The shortest interval of a schedule, in ms. */
export const EVERY_MS_MIN = 1_000;

/** The longest interval of a schedule, in ms: a hundred years. */
export const EVERY_MS_MAX = DELAY_MS_MAX;

/**
 * Returns the timetable of an interval. The ticks are `anchor`, `anchor` + `everyMs`, `anchor` + 2 * `everyMs`, and so
 * on. Each tick is computed from the anchor, so that no tick drifts.
 */
export function intervalTimetable(everyMs: number, anchor: Date): Timetable {
  const first = anchor.getTime();
  return {
    next(after) {
      const elapsed = after.getTime() - first;
      // The remainder is exact for all instants. A quotient would be rounded.
      const tick = elapsed < 0 ? first : first + elapsed - (elapsed % everyMs) + everyMs;
      return tick <= LAST_INSTANT ? new Date(tick) : null;
    },
  };
}

/** The units of a duration, the longest first. */
const UNITS = [
  [86_400_000, " day"],
  [3_600_000, " h"],
  [60_000, " min"],
  [1_000, " s"],
] as const;

/** Returns a duration in the longest unit that divides the duration, such as `90 s`, `90 min` or `2 days`. */
export function durationText(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms % size === 0) ?? [1, " ms"];
  const count = ms / unitMs;
  return `${count}${unit}${unit === " day" && count !== 1 ? "s" : ""}`;
}
