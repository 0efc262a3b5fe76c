import { parseTimetable, type Timetable } from "./next-tick.ts";

/** Returns the timetable of an expression in a zone. Throws as `parseTimetable` does. */
export type Timetables = (expression: string, timezone: string) => Timetable;

/** How many parsed expressions are kept: enough for schedules that fire often, and a few MB at most. */
const KEPT_MAX = 1_000;

/** Parses expressions and keeps the results, because a parse costs more than the search for one tick. */
export function cachedTimetables(): Timetables {
  const kept = new Map<string, Timetable>();
  return (expression, timezone) => {
    const key = `${timezone} ${expression}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const parsed = parseTimetable(expression, timezone);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, parsed);
    return parsed;
  };
}
