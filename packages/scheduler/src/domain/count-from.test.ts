import { describe, expect, test } from "vitest";
import { countFrom } from "./count-from.ts";

const now = new Date("2025-06-15T12:00:00Z");
const overdue = new Date("2025-06-15T11:00:00Z");
const createdAt = new Date("2025-01-01T00:00:00Z");
const hourly = { cron: "0 * * * *", timezone: "UTC", everyMs: null, anchor: null, createdAt };
const interval = { cron: null, timezone: "UTC", everyMs: 3_600_000, anchor: createdAt, createdAt };

describe("the next tick after a change is counted", () => {
  test.each([
    [
      "from right before a tick that is overdue, which is found again",
      overdue,
      hourly,
      overdue.getTime() - 1,
    ],
    ["from right before a tick that is due this very instant", now, hourly, now.getTime() - 1],
    ["from now when the tick is to come", new Date("2025-06-15T13:00:00Z"), hourly, now.getTime()],
    ["from now when none is computed yet", null, hourly, now.getTime()],
    ["from now when the expression is another", overdue, { ...hourly, cron: "@daily" }, now.getTime()],
    ["from now when the zone is another", overdue, { ...hourly, timezone: "Asia/Tokyo" }, now.getTime()],
    ["from now when an interval takes the expression's place", overdue, interval, now.getTime()],
  ])("%s", (_name, nextRunAt, after, expected) => {
    expect(countFrom({ ...hourly, nextRunAt }, after, now).getTime()).toBe(expected);
  });

  test.each([
    ["from right before an overdue tick of the same interval", {}, overdue.getTime() - 1],
    ["from now when the interval is another", { everyMs: 60_000 }, now.getTime()],
    ["from now when the anchor is another", { anchor: overdue }, now.getTime()],
    ["from now when the anchor is the creation again", { anchor: null }, now.getTime()],
  ])("%s", (_name, change, expected) => {
    const before = { ...interval, nextRunAt: overdue };

    expect(countFrom(before, { ...interval, ...change }, now).getTime()).toBe(expected);
  });
});
