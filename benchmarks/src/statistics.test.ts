import { describe, expect, test } from "vitest";
import { quantile, summarize } from "./statistics.ts";

describe("quantile", () => {
  test.each([
    [[5], 0.99, 5],
    [[1, 2, 3], 0.5, 2],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[0, 10], 0.25, 2.5],
    [[1, 2, 3], 0, 1],
    [[1, 2, 3], 1, 3],
  ])("of %j at %d is %d", (values, q, expected) => {
    expect(quantile(values, q)).toBe(expected);
  });

  test("of no values is refused", () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

describe("summarize", () => {
  test("orders by number, not by text, and leaves its argument as it is", () => {
    const values = [100, 9, 20];

    expect(summarize(values)).toEqual({ median: 20, min: 9, max: 100, count: 3 });
    expect(values).toEqual([100, 9, 20]);
  });
});
