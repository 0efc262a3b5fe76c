import { expect, test } from "vitest";
import { relativeText } from "./relative-text.ts";

const NOW = new Date("2026-11-30T10:30:00Z");

test.each([
  [0, "now"],
  [-499, "now"],
  [-1_000, "1 s ago"],
  [-59_400, "59 s ago"],
  [-59_700, "1 min ago"],
  [-60_000, "1 min ago"],
  [-5_400_000, "2 h ago"],
  [-172_800_000, "2 d ago"],
  [80_000, "in 1 min"],
  [7_190_000, "in 2 h"],
  [3_590_000, "in 1 h"],
])("%i ms from now is %s", (ms, expected) => {
  expect(relativeText(new Date(NOW.getTime() + ms), NOW)).toBe(expected);
});
