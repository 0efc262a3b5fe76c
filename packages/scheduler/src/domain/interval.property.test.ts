import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timetableOf } from "./cadence.ts";
import { dueTicks } from "./due-ticks.ts";
import { EVERY_MS_MAX, EVERY_MS_MIN, intervalTimetable } from "./interval.ts";

const instants = fc.date({
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9000-01-01T00:00:00Z"),
  noInvalidDate: true,
});
const intervals = fc.oneof(
  fc.integer({ min: EVERY_MS_MIN, max: 100_000 }),
  fc.maxSafeInteger().map((some) => EVERY_MS_MIN + (Math.abs(some) % (EVERY_MS_MAX - EVERY_MS_MIN + 1))),
);

describe("the ticks of an interval", () => {
  test("are the anchor plus whole intervals, each the first one after its instant", () => {
    fc.assert(
      fc.property(intervals, instants, instants, (everyMs, anchor, after) => {
        const tick = intervalTimetable(everyMs, anchor).next(after);
        if (tick === null) return;

        const distance = BigInt(tick.getTime()) - BigInt(anchor.getTime());
        expect(distance % BigInt(everyMs)).toBe(0n);
        expect(distance).toBeGreaterThanOrEqual(0n);
        expect(tick.getTime()).toBeGreaterThan(after.getTime());
        const earlier = tick.getTime() - everyMs;
        expect(earlier <= after.getTime() || earlier < anchor.getTime()).toBe(true);
      }),
    );
  });

  test("grow by the interval and do not drift, from whatever instant they are asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: EVERY_MS_MIN, max: 10_000_000 }),
        instants,
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 2 }),
        (everyMs, anchor, fractions) => {
          const timetable = intervalTimetable(everyMs, anchor);
          let previous = timetable.next(anchor);
          for (const [n, fraction] of fractions.entries()) {
            // A scheduler comes late, by any time below the interval.
            const asked = new Date((previous?.getTime() ?? Number.NaN) + Math.floor(fraction * everyMs));
            const tick = timetable.next(asked);
            expect(tick?.getTime()).toBe(anchor.getTime() + (n + 2) * everyMs);
            previous = tick;
          }
        },
      ),
    );
  });

  test("are the same in every zone, also where a clock changes", () => {
    const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe");
    const aroundChange = fc.date({
      min: new Date("2025-03-29T00:00:00Z"),
      max: new Date("2025-03-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(
        zones,
        fc.integer({ min: 1_000, max: 10_000_000 }),
        aroundChange,
        (timezone, everyMs, after) => {
          const createdAt = new Date("2025-03-28T10:00:00Z");
          const cadence = { cron: null, everyMs, anchor: null, createdAt, timezone };

          expect(timetableOf(cadence).next(after)).toEqual(intervalTimetable(everyMs, createdAt).next(after));
        },
      ),
    );
  });

  test("begin at an anchor to come, which is itself the first tick", () => {
    const anchor = new Date("2030-01-01T00:00:00Z");

    expect(intervalTimetable(90_000, anchor).next(new Date(0))).toEqual(anchor);
    expect(intervalTimetable(90_000, anchor).next(anchor)).toEqual(new Date("2030-01-01T00:01:30Z"));
  });

  test("end before the year 10000, which PostgreSQL does not read", () => {
    const timetable = intervalTimetable(EVERY_MS_MAX, new Date("9950-01-01T00:00:00Z"));

    expect(timetable.next(new Date("9951-01-01T00:00:00Z"))).toBeNull();
  });

  test("missed for years are found without walking through them, and the latest is the last on the grid", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 100_000 }), instants, (everyMs, anchor) => {
        const now = new Date(anchor.getTime() + 10 * 365 * 86_400_000 + 123);
        const due = dueTicks(
          {
            timetable: intervalTimetable(everyMs, anchor),
            nextRunAt: anchor,
            ...{ misfire: "all", overlap: "allow", active: false, runsLeft: null, firstRun: false },
          },
          now,
        );

        const last = now.getTime() - ((now.getTime() - anchor.getTime()) % everyMs);
        expect(due.ticks.map(({ tickAt }) => tickAt.getTime())).toEqual(
          Array.from({ length: 100 }, (_, n) => last - (99 - n) * everyMs),
        );
        expect(due.nextRunAt).toEqual(new Date(last + everyMs));
      }),
      { numRuns: 30 },
    );
  });
});
