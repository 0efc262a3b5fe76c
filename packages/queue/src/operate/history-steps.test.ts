import { expect, test } from "vitest";
import { historySteps } from "./history-steps.ts";

test.each([
  [1, 60, 60],
  [3, 60, 180],
  [4, 300, 48],
  [24, 300, 288],
  [25, 3_600, 25],
  [168, 3_600, 168],
])("%i hours are steps of %i s, %i of them", (hours, seconds, count) => {
  expect(historySteps(hours)).toEqual({ seconds, count });
});

test.each([0, 169, 1.5, Number.NaN])("%d hours are refused", (hours) => {
  expect(() => historySteps(hours)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
});
