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

  test("shows the ticks of an interval, which no change of a clock moves", () => {
    const { words, warnings, ticks } = preview(
      { everyMs: 43_200_000, anchor: new Date("2025-03-29T06:00:00Z"), timezone: "Europe/Berlin" },
      { after: new Date("2025-03-29T12:00:00Z"), count: 2 },
    );

    expect({ words, warnings }).toEqual({ words: "Every 12 h from 2025-03-29 06:00 UTC", warnings: [] });
    expect(ticks).toMatchObject([
      { tickAt: new Date("2025-03-29T18:00:00Z"), offset: "+01:00", clockChange: null },
      { tickAt: new Date("2025-03-30T06:00:00Z"), offset: "+02:00", clockChange: { offsetBefore: "+01:00" } },
    ]);
  });

  test.each([
    ["its creation", { createdAt: new Date("2025-01-01T00:00:07Z") }, "2025-01-01T00:01:07.000Z"],
    ["the instant that is asked from", {}, "2025-01-01T00:01:30.000Z"],
  ])("counts an interval without an anchor from %s", (_what, created, first) => {
    const after = new Date("2025-01-01T00:00:30Z");

    expect(preview({ everyMs: 60_000, ...created }, { after, count: 1 }).ticks).toMatchObject([
      { tickAt: new Date(first) },
    ]);
  });

  test("ends with the jobs that the schedule may still make", () => {
    const hourly = { cron: "@hourly", maxRuns: 5 };
    const options = { after: new Date(0), count: 10 };

    const counts = [{}, { runs: 3 }, { runs: 5 }, { runs: 9 }].map(
      (made) => preview({ ...hourly, ...made }, options).ticks.length,
    );

    expect(counts).toEqual([5, 2, 0, 0]);
  });

  test("warns of a step that is uneven, and of an older schedule's step that is longer than its field", () => {
    const options = { after: new Date("2025-01-01T00:00:00Z"), count: 2 };

    expect(preview({ cron: "0 */7 * * *" }, options).warnings).toHaveLength(1);
    expect(preview({ cron: "*/90 * * * *" }, options)).toMatchObject({
      words: "Every hour",
      warnings: [expect.stringContaining("everyMs: 5_400_000")],
      ticks: [{ tickAt: new Date("2025-01-01T01:00:00Z") }, { tickAt: new Date("2025-01-01T02:00:00Z") }],
    });
  });

  test.each([
    ["neither an expression nor an interval", {}, "cron"],
    ["both", { cron: "@daily", everyMs: 60_000 }, "everyMs"],
    ["an interval that is none", { everyMs: 5 }, "everyMs"],
  ])("%s is refused", (_what, previewed, field) => {
    expect(() => preview(previewed, { after: new Date(0), count: 1 })).toThrow(
      expect.objectContaining({ code: "INVALID_SCHEDULE", field }),
    );
  });

  test("an invalid instant is refused, also for an interval", () => {
    expect(() => preview({ everyMs: 60_000 }, { after: new Date(Number.NaN), count: 1 })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "after" }),
    );
  });

  test.each([0, 1_001, 1.5])("a count of %d is refused", (count) => {
    expect(() => preview({ cron: "@daily", timezone: "UTC" }, { after: new Date(0), count })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "count" }),
    );
  });
});
