import { expect, test } from "vitest";
import { countText, durationText } from "./figures-text.ts";

test.each([
  [-5, "0 s"],
  [999, "0 s"],
  [1_000, "1 s"],
  [61_500, "1 min 1 s"],
  [3_600_000, "1 h"],
  [3_607_000, "1 h"],
  [3_660_000, "1 h 1 min"],
  [90_061_000, "1 d 1 h"],
  [3 * 86_400_000 + 7_000, "3 d"],
])("%i ms are %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test("a number of things has the right form of the thing", () => {
  expect([countText(1, "job"), countText(0, "job"), countText(12_000, "job")]).toEqual([
    "1 job",
    "0 jobs",
    "12,000 jobs",
  ]);
});
