import { expect, test } from "vitest";
import { InvalidResultError } from "../errors.ts";
import { limitedJson } from "./limited-json.ts";

const limits = { jobId: "j", what: "output" as const, maxBytes: 20 };

test.each([
  [undefined, null],
  [null, "null"],
  [{ a: [1, "é"] }, '{"a":[1,"é"]}'],
  ["\\u0000", '"\\\\u0000"'],
  ["\\ud800", '"\\\\ud800"'],
  ["\u{1f600}", '"\u{1f600}"'],
])("%j is kept as %j", (value, text) => {
  expect(limitedJson(value, limits)).toBe(text);
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;

test.each([
  ["a cycle", cycle, /The output of job j is no JSON/],
  ["a bigint", 1n, /The output of job j is no JSON/],
  ["a function", () => 1, /it is a function/],
  ["U+0000", "\u0000", /U\+0000/],
  ["U+0000 after a backslash", "\\\u0000", /U\+0000/],
  ["half of a surrogate pair", "\ud800", /half of a surrogate pair/],
  ["one byte too much", "é".repeat(10), /22 bytes, and at most 20 are allowed/],
])("%s is refused with its reason", (_what, value, reason) => {
  expect(() => limitedJson(value, limits)).toThrow(InvalidResultError);
  expect(() => limitedJson(value, limits)).toThrow(reason);
});
