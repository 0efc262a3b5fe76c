import { describe, expect, test } from "vitest";
import { describeSchedule } from "./describe-schedule.ts";

const anchor = new Date("2026-01-01T00:00:00Z");

describe("describeSchedule", () => {
  test.each([
    [1_000, "Every 1 s from 2026-01-01 00:00 UTC"],
    [1_500, "Every 1500 ms from 2026-01-01 00:00 UTC"],
    [90_000, "Every 90 s from 2026-01-01 00:00 UTC"],
    [5_400_000, "Every 90 min from 2026-01-01 00:00 UTC"],
    [25_200_000, "Every 7 h from 2026-01-01 00:00 UTC"],
    [86_400_000, "Every 1 day from 2026-01-01 00:00 UTC"],
    [1_209_600_000, "Every 14 days from 2026-01-01 00:00 UTC"],
  ])("an interval of %i ms is: %s", (everyMs, words) => {
    expect(describeSchedule({ everyMs, anchor })).toEqual({ words, warnings: [] });
  });

  test.each([
    ["2026-01-01T10:20:00Z", "2026-01-01 10:20 UTC"],
    ["2026-01-01T10:00:07Z", "2026-01-01 10:00:07 UTC"],
    ["2026-01-01T10:20:00.120Z", "2026-01-01 10:20:00.120 UTC"],
  ])("an anchor at %s is told as %s", (instant, text) => {
    expect(describeSchedule({ everyMs: 60_000, anchor: new Date(instant) }).words).toBe(
      `Every 1 min from ${text}`,
    );
  });

  test("an interval without an anchor counts from the creation, if that is known", () => {
    expect(describeSchedule({ everyMs: 60_000, createdAt: anchor }).words).toBe(
      "Every 1 min from 2026-01-01 00:00 UTC",
    );
    expect(describeSchedule({ everyMs: 60_000 }).words).toBe("Every 1 min");
  });

  test("an expression comes with its warnings", () => {
    expect(describeSchedule({ cron: "0 */7 * * *" })).toEqual({
      words: "On the hour, every 7 hours",
      warnings: ['hour: "*/7" is not every 7 hours: after 21:00 the next tick is 00:00, 3 h later.'],
    });
  });

  test("what is no cadence is refused", () => {
    expect(() => describeSchedule({})).toThrow(expect.objectContaining({ code: "INVALID_SCHEDULE" }));
    expect(() => describeSchedule({ cron: "61 * * * *" })).toThrow(
      expect.objectContaining({ code: "INVALID_CRON" }),
    );
    expect(() => describeSchedule({ cronn: "@daily" } as object)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("cronn") }),
    );
  });
});
