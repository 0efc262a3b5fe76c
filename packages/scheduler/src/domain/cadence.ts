import { intervalTimetable } from "./interval.ts";
import { parseTimetable, type Timetable } from "./next-tick.ts";

/** What decides the ticks of a schedule. Exactly one of `cron` and `everyMs` is not null. */
export interface Cadence {
  cron: string | null;
  /** The zone of `cron`. An interval does not follow the zone. */
  timezone: string;
  everyMs: number | null;
  /** The instant from which the interval counts. Null: `createdAt`. */
  anchor: Date | null;
  createdAt: Date;
}

/** Returns the timetable of a cadence. Throws `InvalidCronError`, `UnknownTimeZoneError`. */
export function timetableOf(cadence: Cadence): Timetable {
  const { cron, timezone, everyMs, anchor, createdAt } = cadence;
  if (everyMs !== null) return intervalTimetable(everyMs, anchor ?? createdAt);
  return parseTimetable(cron ?? "", timezone);
}

/** Returns whether two cadences of one schedule have the same ticks. */
export function isSameCadence(one: Cadence, other: Cadence): boolean {
  return (
    one.cron === other.cron &&
    one.timezone === other.timezone &&
    one.everyMs === other.everyMs &&
    one.anchor?.getTime() === other.anchor?.getTime()
  );
}
