import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTimetable } from "./next-tick.ts";

/** Zones, each with an instant of interest: most are changes of the clock. */
const CHANGES = [
  ["Europe/Berlin", "2025-03-30T01:00Z"],
  ["Europe/Berlin", "2025-10-26T01:00Z"],
  ["America/New_York", "2025-03-09T07:00Z"],
  ["America/New_York", "2025-11-02T06:00Z"],
  ["America/Santiago", "2025-09-07T04:00Z"],
  ["America/Santiago", "2025-04-06T03:00Z"],
  ["Asia/Beirut", "2025-03-29T22:00Z"],
  ["Asia/Beirut", "2025-10-25T21:00Z"],
  ["Africa/Cairo", "2025-04-24T22:00Z"],
  ["Africa/Cairo", "2025-10-30T21:00Z"],
  ["Australia/Lord_Howe", "2025-10-04T15:30Z"],
  ["Australia/Lord_Howe", "2025-04-05T15:00Z"],
  ["Pacific/Chatham", "2025-09-27T14:00Z"],
  ["Pacific/Chatham", "2025-04-05T14:00Z"],
  ["Antarctica/Troll", "2025-03-30T01:00Z"],
  ["Antarctica/Troll", "2025-10-26T01:00Z"],
  ["America/Havana", "2025-11-02T05:00Z"],
  ["Pacific/Apia", "2011-12-30T10:00Z"],
  ["America/St_Johns", "2025-03-09T05:30Z"],
  ["UTC", "2025-03-30T01:00Z"],
] as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A field as text, and its values, computed without the parser. */
interface Field {
  text: string;
  values: ReadonlySet<number>;
}

const fieldOf = (max: number): fc.Arbitrary<Field> => {
  const every = Array.from({ length: max + 1 }, (_, value) => value);
  return fc.oneof(
    fc.constant({ text: "*", values: new Set(every) }),
    fc.integer({ min: 2, max: 20 }).map((step) => ({
      text: `*/${step}`,
      values: new Set(every.filter((value) => value % step === 0)),
    })),
    fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 4 }).map((values) => ({
      text: values.join(","),
      values: new Set(values),
    })),
    fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max })).map(([a, b]) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return { text: `${low}-${high}`, values: new Set(every.slice(low, high + 1)) };
    }),
  );
};

/** Hours near midnight and 2 o'clock, when most clocks change, or any hours. */
const hourField = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, 1, 2, 3, 23).map((hour) => ({ text: `${hour}`, values: new Set([hour]) })),
  },
  { weight: 3, arbitrary: fieldOf(23) },
);

interface Expression {
  text: string;
  minute: Field;
  hour: Field;
}

const expressions: fc.Arbitrary<Expression> = fc
  .record({ minute: fieldOf(59), hour: hourField })
  .map(({ minute, hour }) => ({ text: `${minute.text} ${hour.text} * * *`, minute, hour }));

/** Reads the wall clock from text, as people do. The result is the ms of a UTC date. */
function wallClock(zone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return (instant) => Date.parse(`${format.format(instant).replace(" ", "T")}:00Z`);
}

/**
 * The rules, applied by looking at the clock every minute. The expression fires:
 * - when the clock shows a match, unless the clock has shown this match before and the expression does not step,
 * - when the clock jumps over a match, unless every hour is scheduled.
 */
function ticksByTheMinute(
  { minute, hour }: Expression,
  zone: string,
  [from, until]: readonly [number, number],
) {
  const show = wallClock(zone);
  const matches = (reading: number) =>
    minute.values.has((reading / MINUTE) % 60) && hour.values.has(((reading / HOUR) % 24) | 0);
  const everyHour = hour.values.size === 24;
  const steps = /[*/]/.test(minute.text + hour.text) || everyHour || minute.values.size === 60;
  const ticks: number[] = [];
  let latest = show(from - 26 * HOUR);
  for (let instant = from - 26 * HOUR + MINUTE; instant <= until; instant += MINUTE) {
    const reading = show(instant);
    let fires = matches(reading) && (steps || reading > latest);
    for (let skipped = latest + MINUTE; !everyHour && skipped < reading; skipped += MINUTE) {
      fires ||= matches(skipped);
    }
    latest = Math.max(latest, reading);
    if (fires && instant > from) ticks.push(instant);
  }
  return ticks;
}

function ticksBetween(text: string, zone: string, [from, until]: readonly [number, number]): number[] {
  const timetable = parseTimetable(text, zone);
  const ticks: number[] = [];
  let tick = timetable.next(new Date(from));
  while (tick !== null && tick.getTime() <= until) {
    ticks.push(tick.getTime());
    tick = timetable.next(tick);
  }
  return ticks;
}

const changes = fc.constantFrom(...CHANGES).map(([zone, at]) => ({ zone, at: Date.parse(at) }));

describe("ticks around changes of the clock", () => {
  test("are those found by looking at the clock every minute: none twice, none lost", () => {
    fc.assert(
      fc.property(
        expressions,
        changes,
        fc.integer({ min: 0, max: 240 }),
        (expression, { zone, at }, lead) => {
          const span = [at - lead * MINUTE, at + 6 * HOUR] as const;

          expect(ticksBetween(expression.text, zone, span)).toEqual(ticksByTheMinute(expression, zone, span));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("rise strictly, whatever instant they are asked from, and asking from between two gives the second", () => {
    fc.assert(
      fc.property(
        expressions,
        changes,
        fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
        (expression, change, offset) => {
          const timetable = parseTimetable(expression.text, change.zone);
          const after = new Date(change.at + offset);

          const first = timetable.next(after);

          if (first === null) throw new Error("an expression of hours and minutes always has a next tick");
          const between = new Date((after.getTime() + first.getTime() - 1) / 2);
          expect(first.getTime()).toBeGreaterThan(after.getTime());
          expect(timetable.next(between)).toEqual(first);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("never come at a wall-clock time that an expression of fixed times has fired at before", () => {
    const fixed = fc.record({
      minutes: fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 5 }),
      hours: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 10 }),
    });
    fc.assert(
      fc.property(fixed, changes, ({ minutes, hours }, { zone, at }) => {
        const text = `${minutes.join(",")} ${hours.join(",")} * * *`;

        const shown = ticksBetween(text, zone, [at - 30 * HOUR, at + 30 * HOUR]).map(wallClock(zone));

        expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
      }),
      { numRuns: 150 },
    );
  });
});
