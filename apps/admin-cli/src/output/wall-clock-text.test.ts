import { expect, test } from "vitest";
import { wallClockText } from "./wall-clock-text.ts";

test.each([
  ["2026-03-29T00:59:59Z", "Europe/Berlin", "Sun 2026-03-29 01:59:59 GMT+1"],
  ["2026-03-29T01:00:00Z", "Europe/Berlin", "Sun 2026-03-29 03:00:00 GMT+2"],
  ["2026-01-01T00:00:00Z", "UTC", "Thu 2026-01-01 00:00:00 GMT+0"],
  ["2025-12-31T18:30:00Z", "Asia/Kolkata", "Thu 2026-01-01 00:00:00 GMT+5:30"],
])("%s in %s is %s", (instant, timezone, expected) => {
  expect(wallClockText(new Date(instant), timezone)).toBe(expected);
});
