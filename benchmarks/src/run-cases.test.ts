import { expect, test } from "vitest";
import { rotated } from "./run-cases.ts";

test.each([
  [0, ["a", "b", "c"]],
  [1, ["b", "c", "a"]],
  [5, ["c", "a", "b"]],
])("round %d begins with another peer and leaves none out", (round, expected) => {
  expect(rotated(["a", "b", "c"], round)).toEqual(expected);
});

test("no peers rotate to none", () => {
  expect(rotated([], 3)).toEqual([]);
});
