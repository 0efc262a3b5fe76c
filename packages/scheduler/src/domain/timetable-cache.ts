import { type Cadence, timetableOf } from "./cadence.ts";
import type { Timetable } from "./next-tick.ts";

/** Returns the timetable of a cadence. Throws as `timetableOf` does. */
export type Timetables = (cadence: Cadence) => Timetable;

/** How many parsed expressions are kept: enough for schedules that fire often, and a few MB at most. */
const KEPT_MAX = 1_000;

/** Parses expressions and keeps the results, because a parse costs more than the search for one tick. */
export function cachedTimetables(): Timetables {
  const kept = new Map<string, Timetable>();
  return (cadence) => {
    // An interval has nothing to parse.
    if (cadence.cron === null) return timetableOf(cadence);
    const key = `${cadence.timezone} ${cadence.cron}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const parsed = timetableOf(cadence);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, parsed);
    return parsed;
  };
}
