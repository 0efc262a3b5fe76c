import { expect, it } from "vitest";
import { axisFigure, axisSeconds, SECONDS_STEPS } from "./axis-text.ts";

it.each([
  [0, "0"],
  [0.25, "0.25"],
  [42.4, "42"],
  [950, "950"],
  [12_500, "12.5K"],
  [2_000_000, "2M"],
])("an axis shows %d as %s", (value, text) => {
  expect(axisFigure(value)).toBe(text);
});

it.each([
  [0, "0"],
  [0.5, "0.5 s"],
  [45, "45 s"],
  [150, "2.5 min"],
  [10_800, "3 h"],
  [259_200, "3 d"],
])("an axis shows %d seconds as %s", (seconds, text) => {
  expect(axisSeconds(seconds)).toBe(text);
});

it("an axis of seconds has round steps, each longer than the one before", () => {
  expect(SECONDS_STEPS.map(axisSeconds).filter((text) => !/^(0\.\d|[\d,]+) (s|min|h|d)$/.test(text))).toEqual(
    [],
  );
  expect(SECONDS_STEPS.toSorted((a, b) => a - b)).toEqual(SECONDS_STEPS);
});
