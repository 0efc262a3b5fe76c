import { InvalidArgumentError } from "commander";
import { durationMs } from "./parse-delay.ts";

/** An instant as a person typed it. Relative ones need the time by the database's clock. */
export type TypedInstant = (now: Date) => Date;

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-](\d{2}):(\d{2}))$/;

const CLOCK_TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

const EXPECTED =
  "Expected an instant: 2030-01-31T09:00:00Z or with another offset, 02:00 by this machine's time zone, " +
  '"2h ago", "in 5m" or now.';

/**
 * Parses an instant that lies in the past, for a filter: a time of day is the last one that has passed. Throws
 * `InvalidArgumentError`.
 */
export const parsePast = (text: string): TypedInstant => parse(text, "past");

/**
 * Parses an instant that lies in the future: a time of day is the next one to come. Throws `InvalidArgumentError`.
 */
export const parseFuture = (text: string): TypedInstant => parse(text, "future");

function parse(text: string, side: "past" | "future"): TypedInstant {
  if (text === "now") return (now) => now;
  const absolute = absoluteInstant(text);
  if (absolute !== null) return () => absolute;
  const clockTime = CLOCK_TIME.exec(text);
  if (clockTime !== null) return (now) => nearest(now, clockTime, side);
  const distanceMs = distanceOf(text);
  if (distanceMs !== null) return (now) => new Date(now.getTime() + distanceMs);
  throw new InvalidArgumentError(EXPECTED);
}

/** Without an offset a date would depend on the machine that the command runs on. */
function absoluteInstant(text: string): Date | null {
  const match = INSTANT.exec(text);
  const instant = new Date(text);
  return match !== null && !Number.isNaN(instant.getTime()) && isCalendarDay(match) ? instant : null;
}

/** `new Date` reads February 30 as March 2, so the day is checked here. */
function isCalendarDay([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(`${year}-${month}-01T00:00:00Z`);
  date.setUTCDate(Number(day));
  return date.getUTCMonth() + 1 === Number(month) && Number(day) >= 1;
}

/** The time of day that is nearest to `now` on the given side, by this machine's time zone. */
function nearest(now: Date, [, hour, minute, second]: RegExpExecArray, side: "past" | "future"): Date {
  const at = new Date(now);
  at.setHours(Number(hour), Number(minute), Number(second ?? 0), 0);
  if (side === "past" && at > now) at.setDate(at.getDate() - 1);
  if (side === "future" && at <= now) at.setDate(at.getDate() + 1);
  return at;
}

/** Ms from now: negative for `2h ago`, positive for `in 2h`; null for other texts. */
function distanceOf(text: string): number | null {
  const [, ago] = /^(\w+)[ -]ago$/.exec(text) ?? [];
  const [, ahead] = /^in[ -](\w+)$/.exec(text) ?? [];
  const length = durationMs(ago ?? ahead ?? "");
  if (length === null) return null;
  return ago === undefined ? length : -length;
}
