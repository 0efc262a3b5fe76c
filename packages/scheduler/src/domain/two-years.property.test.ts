import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTimetable } from "./next-tick.ts";

const MINUTE = 60_000;
const DAY = 1_440;

/**
 * Zones, each with the first of two years: with changes by half an hour, changes at midnight, and changes of the rules.
 */
const SPANS = [
  ["Europe/Berlin", 2024],
  ["America/New_York", 2024],
  ["America/Santiago", 2022], // changes at midnight
  ["Africa/Cairo", 2023], // began to change its clock again, at midnight
  ["Asia/Beirut", 2022], // at midnight
  ["Asia/Tehran", 2021], // at midnight, and stopped in 2022
  ["Africa/Casablanca", 2023], // back for Ramadan
  ["Australia/Lord_Howe", 2024], // by half an hour
  ["Pacific/Chatham", 2024], // a zone of quarter hours
  ["Antarctica/Troll", 2024], // by two hours
  ["America/St_Johns", 2010], // at one minute past midnight
  ["Pacific/Apia", 2011], // skipped a whole day
  ["Asia/Pyongyang", 2014], // half an hour back, for good
  ["America/Caracas", 2016], // half an hour forward, for good
  ["Asia/Almaty", 2023], // an hour back, for good
  ["UTC", 2024],
] as const;

/** The readings of a wall clock at each minute of two years, in minutes since 1970 on this clock. */
interface WallClock {
  zone: string;
  /** The first instant of the two years, in minutes since 1970. `shows` begins two days earlier. */
  from: number;
  shows: Int32Array;
  /** The indexes at which the clock does not advance by one minute. */
  changes: number[];
}

/** Reads the clock from text, as people do: every hour, and every minute of an hour in which the clock changed. */
function readClock(zone: string, year: number): WallClock {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const read = (minute: number) =>
    Date.parse(`${format.format(minute * MINUTE).replace(" ", "T")}:00Z`) / MINUTE;
  const from = Date.UTC(year, 0, 1) / MINUTE;
  const first = from - 2 * DAY;
  const shows = new Int32Array(Date.UTC(year + 2, 0, 1) / MINUTE - first);
  const changes: number[] = [];
  for (let hour = 0; hour < shows.length; hour += 60) {
    const [start, end] = [read(first + hour), read(first + hour + 60)];
    for (let index = hour; index < hour + 60; index += 1) {
      shows[index] = end - start === 60 ? start + index - hour : read(first + index);
    }
  }
  for (let index = 1; index < shows.length; index += 1) {
    if (at(shows, index) !== at(shows, index - 1) + 1) changes.push(index);
  }
  return { zone, from, shows, changes };
}

const at = (values: Int32Array, index: number) => values[index] ?? Number.NaN;

/** A field as text, and its values, computed without the parser. */
interface Field {
  text: string;
  values: ReadonlySet<number>;
}

function fieldOf(min: number, max: number): fc.Arbitrary<Field> {
  const every = Array.from({ length: max - min + 1 }, (_, index) => index + min);
  const value = fc.integer({ min, max });
  return fc.oneof(
    fc.constant({ text: "*", values: new Set(every) }),
    fc.integer({ min: 2, max: Math.min(20, max) }).map((step) => ({
      text: `*/${step}`,
      values: new Set(every.filter((one) => (one - min) % step === 0)),
    })),
    fc.uniqueArray(value, { minLength: 1, maxLength: 3 }).map((values) => ({
      text: values.join(","),
      values: new Set(values),
    })),
    fc.tuple(value, value).map(([a, b]) => ({
      text: `${Math.min(a, b)}-${Math.max(a, b)}`,
      values: new Set(every.filter((one) => one >= Math.min(a, b) && one <= Math.max(a, b))),
    })),
  );
}

const single = (max: number) =>
  fc.integer({ min: 0, max }).map((value) => ({ text: `${value}`, values: new Set([value]) }));
const always = (min: number, max: number) =>
  fc.constant({
    text: "*",
    values: new Set(Array.from({ length: max - min + 1 }, (_, index) => index + min)),
  });

/**
 * Half of the expressions fire a few times a day or fewer, as most schedules do. Such expressions are compared tick by
 * tick.
 */
const expressions = fc.record({
  minute: fc.oneof(single(59), fieldOf(0, 59)),
  hour: fc.oneof(single(3), fieldOf(0, 23)),
  // Up to day 28, so that every month has each day.
  dayOfMonth: fc.oneof(always(1, 31), always(1, 31), fieldOf(1, 28)),
  month: fc.oneof(always(1, 12), always(1, 12), fieldOf(1, 12)),
  dayOfWeek: fc.oneof(always(0, 6), always(0, 6), fieldOf(0, 6)),
});
type Expression = typeof expressions extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * The days of the month that a field takes. `*\/2` takes 29 and 31 as well, but fieldOf(1, 28) leaves out these days.
 */
function daysOfMonth({ text, values }: Field): ReadonlySet<number> {
  const step = /^\*\/(\d+)$/.exec(text)?.[1];
  if (step === undefined && text !== "*") return values;
  return new Set(
    Array.from({ length: 31 }, (_, index) => index + 1).filter((day) => (day - 1) % Number(step ?? 1) === 0),
  );
}

/**
 * Tells whether a day of the wall clock, in days since 1970, matches. When both day fields are restricted, either may
 * match.
 */
function dayMatcher({ dayOfMonth, month, dayOfWeek }: Expression): (day: number) => boolean {
  const days = daysOfMonth(dayOfMonth);
  const known = new Map<number, boolean>();
  return (day) => {
    const remembered = known.get(day);
    if (remembered !== undefined) return remembered;
    const date = new Date(day * DAY * MINUTE);
    const byMonthDay = days.has(date.getUTCDate());
    const byWeekDay = dayOfWeek.values.has(date.getUTCDay());
    const either = dayOfMonth.text !== "*" && dayOfWeek.text !== "*";
    const byDay = either ? byMonthDay || byWeekDay : byMonthDay && byWeekDay;
    const matches = byDay && month.values.has(date.getUTCMonth() + 1);
    known.set(day, matches);
    return matches;
  };
}

/**
 * The rules, applied by looking at the clock every minute. The expression fires:
 * - when the clock shows a match, unless the clock has shown this match before and the expression does not step,
 * - when the clock jumps over a match, unless every hour is scheduled.
 * Ticks are in minutes since 1970.
 */
function ticksByTheMinute(expression: Expression, { from, shows }: WallClock): number[] {
  const { minute, hour } = expression;
  const dayMatches = dayMatcher(expression);
  const matches = (reading: number) =>
    minute.values.has(reading % 60) &&
    hour.values.has(Math.floor(reading / 60) % 24) &&
    dayMatches(Math.floor(reading / DAY));
  const everyHour = hour.values.size === 24;
  const steps = /[*/]/.test(minute.text + hour.text) || everyHour || minute.values.size === 60;
  const ticks: number[] = [];
  let latest = at(shows, 0);
  for (let index = 1; index < shows.length; index += 1) {
    const reading = at(shows, index);
    let fires = (steps || reading > latest) && matches(reading);
    for (let skipped = latest + 1; !everyHour && skipped < reading; skipped += 1) fires ||= matches(skipped);
    latest = Math.max(latest, reading);
    if (fires && index > 2 * DAY) ticks.push(from - 2 * DAY + index);
  }
  return ticks;
}

/** The first tick after an instant, or undefined after the last tick. The ticks must rise. */
function firstAfter(ticks: readonly number[], instant: number): number | undefined {
  let [low, high] = [0, ticks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ticks[middle] ?? 0) > instant) high = middle;
    else low = middle + 1;
  }
  return ticks[low];
}

const clocks = SPANS.map(([zone, year]) => readClock(zone, year));
const textOf = (expression: Expression) =>
  [expression.minute, expression.hour, expression.dayOfMonth, expression.month, expression.dayOfWeek]
    .map((field) => field.text)
    .join(" ");

/** An expression with more ticks in two years is compared only at instants picked near the changes and anywhere. */
const WALKED_MAX = 800;

describe("ticks over two years", () => {
  test.each(clocks)("in $zone are those found by looking at the clock every minute", (clock) => {
    const last = clock.from - 2 * DAY + clock.shows.length - 1;
    const offsets = fc.array(fc.tuple(fc.nat(), fc.integer({ min: -1_600, max: 1_600 })), {
      minLength: 40,
      maxLength: 40,
    });
    fc.assert(
      fc.property(expressions, offsets, (expression, picks) => {
        const timetable = parseTimetable(textOf(expression), clock.zone);
        const next = (after: number) => Number(timetable.next(new Date(after * MINUTE))) / MINUTE;
        const expected = ticksByTheMinute(expression, clock);

        if (expected.length <= WALKED_MAX) {
          const found: number[] = [];
          for (let tick = next(clock.from); tick <= last && tick > 0; tick = next(tick)) found.push(tick);
          expect(found).toEqual(expected);
          return;
        }
        for (const [pick, offset] of picks) {
          const near = clock.changes[pick % (clock.changes.length + 1)];
          const index = near === undefined ? pick % clock.shows.length : near + offset;
          const after = Math.max(clock.from, clock.from - 2 * DAY + index);
          const tick = firstAfter(expected, after);
          if (tick !== undefined) expect(next(after)).toBe(tick);
        }
      }),
      { numRuns: 8 },
    );
  });
});
