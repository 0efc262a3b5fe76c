import { describe, expect, test } from "vitest";
import { nextTick, parseTimetable, previewTicks } from "./next-tick.ts";

/** The ticks from one instant to another, as day of the month, hour and minute in UTC. */
function ticks(expression: string, zone: string, [from, until]: readonly [string, string]): string[] {
  const timetable = parseTimetable(expression, zone);
  const found: string[] = [];
  const end = new Date(`${until}Z`);
  for (
    let tick = timetable.next(new Date(`${from}Z`));
    tick !== null && tick < end;
    tick = timetable.next(tick)
  ) {
    found.push(tick.toISOString().slice(8, 16));
  }
  return found;
}

test("no tick comes after the year 9999, which PostgreSQL could not read", () => {
  const from = new Date("9999-12-30T12:00:00Z");

  expect(nextTick("0 0 1 1 *", "UTC", from)).toBeNull();
  // In Auckland, the year begins half a day earlier.
  expect(nextTick("0 0 1 1 *", "Pacific/Auckland", from)).toEqual(new Date("9999-12-31T11:00:00Z"));
  expect(previewTicks("0 * * * *", "UTC", { after: from, count: 100 }).at(-1)).toEqual(
    new Date("9999-12-31T23:00:00Z"),
  );
});

describe("a wall-clock time that the change skips fires once, at the first instant after the gap", () => {
  // zone, expression of a skipped time, first instant after the gap, instant of the same time on the next day
  test.each([
    ["Europe/Berlin", "30 2 * * *", "2025-03-30T01:00", "2025-03-31T00:30"],
    ["Europe/London", "30 1 * * *", "2025-03-30T01:00", "2025-03-31T00:30"],
    ["America/New_York", "0 2 * * *", "2025-03-09T07:00", "2025-03-10T06:00"],
    ["America/Los_Angeles", "59 2 * * *", "2025-03-09T10:00", "2025-03-10T09:59"],
    ["America/St_Johns", "15 2 * * *", "2025-03-09T05:30", "2025-03-10T04:45"],
    ["America/Santiago", "0 0 * * *", "2025-09-07T04:00", "2025-09-08T03:00"],
    ["America/Santiago", "30 0 * * *", "2025-09-07T04:00", "2025-09-08T03:30"],
    ["Africa/Cairo", "0 0 * * *", "2025-04-24T22:00", "2025-04-25T21:00"],
    ["Asia/Beirut", "15 0 * * *", "2025-03-29T22:00", "2025-03-30T21:15"],
    ["America/Havana", "0 0 * * *", "2025-03-09T05:00", "2025-03-10T04:00"],
    ["America/Nuuk", "30 23 * * *", "2025-03-30T01:00", "2025-03-31T00:30"],
    ["Australia/Lord_Howe", "10 2 * * *", "2025-10-04T15:30", "2025-10-05T15:10"],
    ["Australia/Sydney", "30 2 * * *", "2025-10-04T16:00", "2025-10-05T15:30"],
    ["Pacific/Auckland", "30 2 * * *", "2025-09-27T14:00", "2025-09-28T13:30"],
    ["Pacific/Chatham", "0 3 * * *", "2025-09-27T14:00", "2025-09-28T13:15"],
    ["Antarctica/Troll", "30 2 * * *", "2025-03-30T01:00", "2025-03-31T00:30"],
    ["Asia/Tehran", "30 0 * * *", "2022-03-21T20:30", "2022-03-22T20:00"],
    ["Pacific/Apia", "0 12 30 * *", "2011-12-30T10:00", "2012-01-29T22:00"],
    ["Africa/Casablanca", "30 2 * * *", "2025-04-06T02:00", "2025-04-07T01:30"],
    ["America/Caracas", "45 2 * * *", "2016-05-01T07:00", "2016-05-02T06:45"],
    ["Asia/Pyongyang", "45 23 * * *", "2018-05-04T15:00", "2018-05-05T14:45"],
  ])("%s, %s: %s, then %s", (zone, expression, gapEnd, dayAfter) => {
    const before = new Date(Date.parse(`${gapEnd}:00Z`) - 1_000);

    const first = nextTick(expression, zone, before);

    expect(first?.toISOString().slice(0, 16)).toBe(gapEnd);
    expect(
      nextTick(expression, zone, first ?? before)
        ?.toISOString()
        .slice(0, 16),
    ).toBe(dayAfter);
  });

  test("several times in one gap fire together, and with the time the gap ends at", () => {
    expect(ticks("15,45 2 * * *", "Europe/Berlin", ["2025-03-29T12:00", "2025-03-30T12:00"])).toEqual([
      "30T01:00",
    ]);
    expect(ticks("0 2,3 * * *", "Europe/Berlin", ["2025-03-29T12:00", "2025-03-30T12:00"])).toEqual([
      "30T01:00",
    ]);
    expect(ticks("*/20 30 2 * * *", "Europe/Berlin", ["2025-03-29T12:00", "2025-03-30T12:00"])).toEqual([
      "30T01:00",
    ]);
  });
});

describe("a wall-clock time that happens twice fires once, the first time", () => {
  // zone, expression of a repeated time, its first instant, instant of the same time on the next day
  test.each([
    ["Europe/Berlin", "30 2 * * *", "2025-10-26T00:30", "2025-10-27T01:30"],
    ["Europe/London", "0 1 * * *", "2025-10-26T00:00", "2025-10-27T01:00"],
    ["America/New_York", "30 1 * * *", "2025-11-02T05:30", "2025-11-03T06:30"],
    ["America/Los_Angeles", "59 1 * * *", "2025-11-02T08:59", "2025-11-03T09:59"],
    ["America/St_Johns", "0 1 * * *", "2025-11-02T03:30", "2025-11-03T04:30"],
    ["America/Santiago", "30 23 * * *", "2025-04-06T02:30", "2025-04-07T03:30"],
    ["Africa/Cairo", "0 23 * * *", "2025-10-30T20:00", "2025-10-31T21:00"],
    ["Asia/Beirut", "30 23 * * *", "2025-10-25T20:30", "2025-10-26T21:30"],
    ["America/Havana", "0 0 * * *", "2025-11-02T04:00", "2025-11-03T05:00"],
    ["Atlantic/Azores", "30 0 * * *", "2025-10-26T00:30", "2025-10-27T01:30"],
    ["Australia/Lord_Howe", "45 1 * * *", "2025-04-05T14:45", "2025-04-06T15:15"],
    ["Australia/Sydney", "30 2 * * *", "2025-04-05T15:30", "2025-04-06T16:30"],
    ["Pacific/Auckland", "30 2 * * *", "2025-04-05T13:30", "2025-04-06T14:30"],
    ["Pacific/Chatham", "0 3 * * *", "2025-04-05T13:15", "2025-04-06T14:15"],
    ["Antarctica/Troll", "30 1 * * *", "2025-10-25T23:30", "2025-10-27T01:30"],
    ["Asia/Tehran", "30 23 * * *", "2022-09-21T19:00", "2022-09-22T20:00"],
    ["Asia/Almaty", "30 23 * * *", "2024-02-29T17:30", "2024-03-01T18:30"],
    ["Asia/Pyongyang", "45 23 * * *", "2015-08-14T14:45", "2015-08-15T15:15"],
  ])("%s, %s: %s, then %s", (zone, expression, firstShowing, dayAfter) => {
    const before = new Date(Date.parse(`${firstShowing}:00Z`) - 1);

    const first = nextTick(expression, zone, before);

    expect(first?.toISOString().slice(0, 16)).toBe(firstShowing);
    expect(
      nextTick(expression, zone, first ?? before)
        ?.toISOString()
        .slice(0, 16),
    ).toBe(dayAfter);
  });

  test("asked in the repeated hour, the next tick is not in that hour again", () => {
    expect(nextTick("45 2 * * *", "Europe/Berlin", new Date("2025-10-26T01:10:00Z"))).toEqual(
      new Date("2025-10-27T01:45:00Z"),
    );
  });
});

describe("expressions that step through hours or minutes follow elapsed time", () => {
  const berlinSpring = ["2025-03-29T22:59:59", "2025-03-30T22:00"] as const;
  const berlinAutumn = ["2025-10-25T21:59:59", "2025-10-26T23:00"] as const;

  test("every hour: 23 ticks on the short day, 25 on the long one, an hour apart", () => {
    for (const expression of ["0 * * * *", "30 * * * *", "@hourly", "17 0-23 * * *"]) {
      expect(ticks(expression, "Europe/Berlin", berlinSpring)).toHaveLength(23);
      expect(ticks(expression, "Europe/Berlin", berlinAutumn)).toHaveLength(25);
    }
  });

  test("every 15 minutes: 92 and 100 ticks, a quarter of an hour apart", () => {
    expect(ticks("*/15 * * * *", "Europe/Berlin", berlinSpring)).toHaveLength(92);
    expect(ticks("*/15 * * * *", "Europe/Berlin", berlinAutumn)).toHaveLength(100);
  });

  test("every 15 minutes stays so where the clock changes by half an hour", () => {
    expect(ticks("*/15 * * * *", "Australia/Lord_Howe", ["2025-10-04T14:59", "2025-10-04T16:01"])).toEqual([
      "04T15:00",
      "04T15:15",
      "04T15:30",
      "04T15:45",
      "04T16:00",
    ]);
    expect(ticks("*/15 * * * *", "Australia/Lord_Howe", ["2025-04-05T14:29", "2025-04-05T15:31"])).toEqual([
      "05T14:30",
      "05T14:45",
      "05T15:00",
      "05T15:15",
      "05T15:30",
    ]);
  });

  test("steps within a repeated hour happen in both of its passes", () => {
    expect(ticks("*/30 2 * * *", "Europe/Berlin", berlinAutumn)).toEqual([
      "26T00:00",
      "26T00:30",
      "26T01:00",
      "26T01:30",
    ]);
  });

  test("steps within a skipped hour are not lost: they fire once, after the gap", () => {
    expect(ticks("*/15 2 * * *", "Europe/Berlin", berlinSpring)).toEqual(["30T01:00"]);
    expect(ticks("0 */2 * * *", "Europe/Berlin", berlinSpring).slice(0, 4)).toEqual([
      "29T23:00",
      "30T01:00",
      "30T02:00",
      "30T04:00",
    ]);
  });
});

describe("nextTick", () => {
  test("is strictly after, also within the second", () => {
    const tick = new Date("2025-06-01T12:00:00Z");

    expect(nextTick("0 12 * * *", "UTC", new Date(tick.getTime() - 1))).toEqual(tick);
    expect(nextTick("0 12 * * *", "UTC", tick)).toEqual(new Date("2025-06-02T12:00:00Z"));
  });

  test("UTC has no changes", () => {
    expect(ticks("30 2 * * *", "UTC", ["2025-03-29T12:00", "2025-03-31T12:00"])).toEqual([
      "30T02:30",
      "31T02:30",
    ]);
  });

  test("is null where time ends", () => {
    expect(nextTick("0 0 1 1 *", "UTC", new Date(8.64e15))).toBeNull();
  });

  test("an invalid date is refused", () => {
    expect(() => nextTick("* * * * *", "UTC", new Date(Number.NaN))).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "after" }),
    );
  });
});

describe("previewTicks", () => {
  test("gives as many ticks as asked, rising", () => {
    expect(
      previewTicks("0 6 * * mon", "Europe/Berlin", { after: new Date("2025-03-25T00:00:00Z"), count: 3 }),
    ).toEqual([
      new Date("2025-03-31T04:00:00Z"),
      new Date("2025-04-07T04:00:00Z"),
      new Date("2025-04-14T04:00:00Z"),
    ]);
  });

  test.each([0, 1_001, 1.5])("a count of %d is refused", (count) => {
    expect(() => previewTicks("* * * * *", "UTC", { after: new Date(0), count })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "count" }),
    );
  });
});
