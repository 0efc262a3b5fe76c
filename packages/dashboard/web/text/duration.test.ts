import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationInput, durationText, parseDuration, relativeText, shortDurationText } from "./duration.ts";

describe("durationText", () => {
  test.each([
    [0, "0 ms"],
    [850, "850 ms"],
    [3_400, "3.4 s"],
    [5_000, "5 s"],
    [59_999, "59 s"],
    [83_000, "1 min 23 s"],
    [120_000, "2 min"],
    [7_500_000, "2 h 5 min"],
    [273_600_000, "3 d 4 h"],
  ])("says %i ms as %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe("shortDurationText", () => {
  test("names one unit, and days only from two days on", () => {
    expect([900, 3_999, 90_000, 86_400_000, 172_800_000].map(shortDurationText)).toEqual([
      "now",
      "3 s",
      "1 min",
      "24 h",
      "2 d",
    ]);
  });
});

describe("relativeText", () => {
  test("tells the past from the future", () => {
    expect([relativeText(0, 90_000), relativeText(90_000, 0), relativeText(5, 0)]).toEqual([
      "1 min ago",
      "in 1 min",
      "now",
    ]);
  });
});

describe("parseDuration", () => {
  test.each([
    ["90s", 90_000],
    ["1.5h", 5_400_000],
    ["1h30m", 5_400_000],
    [" 7 d ", 604_800_000],
    ["5min", 300_000],
    ["250ms", 250],
    ["", null],
    ["7", null],
    ["soon", null],
    ["-1h", null],
  ])("reads %j as %j", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test("reads what durationInput writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (ms) => {
        expect(parseDuration(durationInput(ms))).toBe(ms);
      }),
    );
  });
});
