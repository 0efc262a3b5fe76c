import { checkFields } from "@millrace/base";
import { InvalidOptionError } from "@millrace/queue";
import { type Cron, parseCron } from "./cron.ts";
import { LAST_INSTANT } from "./last-instant.ts";
import { DAY_MS, openTimeZone, type TimeZone } from "./time-zone.ts";

/** A cron expression in a time zone. */
export interface Timetable {
  /**
   * Returns the first tick strictly after an instant, or null: no tick comes after the year 9999. Throws
   * `InvalidOptionError` for an invalid `Date`.
   */
  next(after: Date): Date | null;
}

/**
 * Parses an expression and its zone, once for many ticks. Throws `InvalidCronError`, `UnknownTimeZoneError`.
 *
 * An expression steps when its minute or hour field has a `*` or a `/`, or has every value. When the zone's clock
 * changes:
 * - A reading that the clock skips fires once, at the first instant after the gap. All readings of one gap fire
 *   together, as one tick.
 * - If every hour of the day is scheduled, a skipped reading does not fire.
 * - A reading that the clock repeats fires only the first time.
 * - If the expression steps, a repeated reading fires both times: every 15 minutes stays every 15 minutes.
 */
export function parseTimetable(expression: string, timezone: string): Timetable {
  const cron = parseCron(expression);
  const zone = openTimeZone(timezone);
  return {
    next(after) {
      const instant = after.getTime();
      if (Number.isNaN(instant)) throw new InvalidOptionError("after", "a valid Date", after);
      const tick = nextInstant(cron, zone, instant);
      return tick === null || tick > LAST_INSTANT ? null : new Date(tick);
    },
  };
}

/**
 * Returns the first tick of an expression in a zone strictly after an instant, or null when there is none.
 * Throws `InvalidCronError` (`INVALID_CRON`), `UnknownTimeZoneError` (`UNKNOWN_TIME_ZONE`), and `InvalidOptionError`
 * (`INVALID_OPTION`) for an invalid `after`.
 *
 * @example
 * const tick = nextTick("0 9 * * mon-fri", "Europe/Berlin", new Date());
 */
export function nextTick(expression: string, timezone: string, after: Date): Date | null {
  return parseTimetable(expression, timezone).next(after);
}

/**
 * Returns the next `count` (1 to 1,000) ticks strictly after an instant, fewer when no more ticks follow.
 * Throws `InvalidCronError` (`INVALID_CRON`), `UnknownTimeZoneError` (`UNKNOWN_TIME_ZONE`) and `InvalidOptionError`
 * (`INVALID_OPTION`).
 *
 * @example
 * const ticks = previewTicks("@hourly", "UTC", { after: new Date(), count: 5 });
 */
export function previewTicks(
  expression: string,
  timezone: string,
  options: { after: Date; count: number },
): Date[] {
  checkFields("options", options, ["after", "count"]);
  const { after, count } = options;
  if (!Number.isInteger(count) || count < 1 || count > 1_000) {
    throw new InvalidOptionError("count", "an integer from 1 to 1000", count);
  }
  const timetable = parseTimetable(expression, timezone);
  const ticks: Date[] = [];
  for (let tick = timetable.next(after); tick !== null; tick = timetable.next(tick)) {
    ticks.push(tick);
    if (ticks.length === count) break;
  }
  return ticks;
}

function nextInstant(cron: Cron, zone: TimeZone, after: number): number | null {
  const first = nextFirstShowing(cron, zone, after);
  if (!cron.steps) return first;
  const second = nextSecondShowing(cron, zone, after);
  if (first === null || second === null) return first ?? second;
  return Math.min(first, second);
}

/** Returns the next instant at which the clock first shows a matching reading, or skips a matching reading. */
function nextFirstShowing(cron: Cron, zone: TimeZone, after: number): number | null {
  let reading = cron.nextReading(latestReading(zone, after));
  while (reading !== null) {
    const { instant, skipped } = firstShowing(zone, reading);
    if (!skipped || !cron.everyHour) return instant;
    reading = cron.nextReading(instant + zone.offsetAt(instant) - 1);
  }
  return null;
}

/** Returns the next instant at which a clock that was put back shows a matching reading for the second time. */
function nextSecondShowing(cron: Cron, zone: TimeZone, after: number): number | null {
  const change = zone.changeBetween(after - DAY_MS, after + DAY_MS);
  if (change === null || change.offsetAfter > change.offsetBefore) return null;
  const reading = cron.nextReading(Math.max(after, change.at - 1) + change.offsetAfter);
  const repeatedUntil = change.at + change.offsetBefore;
  return reading !== null && reading < repeatedUntil ? reading - change.offsetAfter : null;
}

/**
 * Returns the latest reading that the clock has shown by an instant.
 * When the clock is put back, returns the latest reading from before the change, so that a repeated reading does not
 * fire again.
 */
function latestReading(zone: TimeZone, instant: number): number {
  const reading = instant + zone.offsetAt(instant);
  const change = zone.changeBetween(instant - DAY_MS, instant);
  return change === null ? reading : Math.max(reading, change.at + change.offsetBefore - 1);
}

/** Returns when the clock first shows a reading; for a skipped reading, the first instant after the gap. */
function firstShowing(zone: TimeZone, reading: number): { instant: number; skipped: boolean } {
  const change = zone.changeBetween(reading - DAY_MS, reading + DAY_MS);
  if (change === null) return { instant: reading - zone.offsetAt(reading), skipped: false };
  const { at, offsetBefore, offsetAfter } = change;
  if (reading - offsetBefore < at) return { instant: reading - offsetBefore, skipped: false };
  if (reading - offsetAfter >= at) return { instant: reading - offsetAfter, skipped: false };
  return { instant: at, skipped: true };
}
