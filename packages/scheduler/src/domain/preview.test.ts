import { describe, expect, test } from "vitest";
import { preview } from "./preview.ts";

describe("preview", () => {
  test("shows each tick with its offset, and marks the change of the clock before it", () => {
    const { words, ticks } = preview(
      { cron: "30 2 * * *", timezone: "Europe/Berlin" },
      { after: new Date("2025-03-28T12:00:00Z"), count: 3 },
    );

    expect(words).toBe("At 02:30");
    expect(ticks).toEqual([
      { tickAt: new Date("2025-03-29T01:30:00Z"), offset: "+01:00", clockChange: null },
      {
        // The clock skips 02:30: the tick is the first instant after the gap.
        tickAt: new Date("2025-03-30T01:00:00Z"),
        offset: "+02:00",
        clockChange: { at: new Date("2025-03-30T01:00:00Z"), offsetBefore: "+01:00", offsetAfter: "+02:00" },
      },
      { tickAt: new Date("2025-03-31T00:30:00Z"), offset: "+02:00", clockChange: null },
    ]);
  });

  test("marks a change back, of half an hour, between ticks a month apart", () => {
    const { ticks } = preview(
      { cron: "0 0 1 * *", timezone: "Australia/Lord_Howe" },
      { after: new Date("2025-03-15T00:00:00Z"), count: 2 },
    );

    expect(ticks.map((tick) => [tick.offset, tick.clockChange])).toEqual([
      ["+11:00", null],
      ["+10:30", { at: new Date("2025-04-05T15:00:00Z"), offsetBefore: "+11:00", offsetAfter: "+10:30" }],
    ]);
  });

  test("marks a change between the instant that is asked from and the first tick", () => {
    const { ticks } = preview(
      { cron: "0 12 * * *", timezone: "America/St_Johns" },
      { after: new Date("2025-11-02T03:00:00Z"), count: 1 },
    );

    expect(ticks).toMatchObject([
      { offset: "-03:30", clockChange: { at: new Date("2025-11-02T04:30:00Z"), offsetBefore: "-02:30" } },
    ]);
  });

  test("keeps to a schedule's window, and shows fewer ticks where it ends", () => {
    const window = { startsAt: new Date("2030-01-01T00:00:00Z"), endsAt: new Date("2030-01-01T02:00:00Z") };

    const { ticks } = preview(
      { cron: "0 * * * *", timezone: "UTC", ...window },
      { after: new Date("2025-01-01T00:00:00Z"), count: 5 },
    );

    expect(ticks.map((tick) => tick.tickAt.toISOString())).toEqual([
      "2030-01-01T00:00:00.000Z",
      "2030-01-01T01:00:00.000Z",
    ]);
  });

  test.each([0, 1_001, 1.5])("a count of %d is refused", (count) => {
    expect(() => preview({ cron: "@daily", timezone: "UTC" }, { after: new Date(0), count })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "count" }),
    );
  });
});
