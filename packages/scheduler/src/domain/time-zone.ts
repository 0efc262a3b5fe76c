import { UnknownTimeZoneError } from "../errors.ts";

/** A change of a zone's clock, for instance by daylight saving. Instants and offsets are in ms. */
export interface ClockChange {
  /** The first instant under the new offset. */
  at: number;
  offsetBefore: number;
  offsetAfter: number;
}

/** The wall clock of a zone. Instants, offsets and readings are in ms; a reading is an instant plus its offset. */
export interface TimeZone {
  /** Returns how far the wall clock is ahead of UTC at an instant, in ms. */
  offsetAt(instant: number): number;
  /** Returns the change of the clock between two instants at most two days apart, or null. */
  changeBetween(from: number, until: number): ClockChange | null;
}

/** The longest zone name of a schedule, in characters. */
export const TIME_ZONE_LENGTH_MAX = 50;

/** One day in ms. Every zone's offset is less than a day, and no clock was ever changed by more than a day at once. */
export const DAY_MS = 86_400_000;

/** Opens an IANA time zone, such as `Europe/Berlin` or `UTC`. Throws `UnknownTimeZoneError`. */
export function openTimeZone(name: string): TimeZone {
  const format = formatOf(name);
  const offsetAt = (instant: number) => {
    const second = Math.floor(instant / 1000) * 1000;
    return readingOf(format.formatToParts(second)) - second;
  };
  return { offsetAt, changeBetween: (from, until) => findChange(offsetAt, from, until) };
}

function formatOf(name: string): Intl.DateTimeFormat {
  if (typeof name !== "string" || [...name].length > TIME_ZONE_LENGTH_MAX) {
    throw new UnknownTimeZoneError(name, `expected a string of 1 to ${TIME_ZONE_LENGTH_MAX} characters`);
  }
  // Intl also takes bare offsets such as +05:00, but a bare offset is no IANA zone.
  if (!/^[A-Za-z]/.test(name)) throw new UnknownTimeZoneError(name, "expected the name of an IANA time zone");
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new UnknownTimeZoneError(name, "the IANA database has no such zone", { cause });
  }
}

function readingOf(parts: Intl.DateTimeFormatPart[]): number {
  const read: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of parts) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * Finds the change by halving. The range holds one change at most, because no zone changes its clock twice within five
 * days (all zones of the IANA database, 1990 to 2045).
 */
function findChange(offsetAt: TimeZone["offsetAt"], from: number, until: number): ClockChange | null {
  const offsetBefore = offsetAt(from);
  const offsetAfter = offsetAt(until);
  if (offsetBefore === offsetAfter) return null;
  let before = Math.floor(from / 1000);
  let at = Math.floor(until / 1000);
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if (offsetAt(middle * 1000) === offsetBefore) before = middle;
    else at = middle;
  }
  return { at: at * 1000, offsetBefore, offsetAfter };
}
