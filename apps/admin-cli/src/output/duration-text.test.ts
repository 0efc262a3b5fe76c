import { expect, test } from "vitest";
import { durationText } from "./duration-text.ts";

test.each([
  [-3, "0ms"],
  [0, "0ms"],
  [850.4, "850ms"],
  [1_000, "1s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [310_000, "5m 10s"],
  [3_600_000, "1h"],
  [3_605_000, "1h"],
  [273_600_000, "3d 4h"],
])("%d ms read %s", (durationMs, expected) => {
  expect(durationText(durationMs)).toBe(expected);
});
