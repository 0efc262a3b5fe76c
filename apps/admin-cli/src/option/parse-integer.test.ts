import { describe, expect, test } from "vitest";
import { integerBetween } from "./parse-integer.ts";

describe("integerBetween", () => {
  const parse = integerBetween(-10, 1_000);

  test.each([
    ["1", 1],
    ["-10", -10],
    ["+5", 5],
    ["1000", 1_000],
    ["007", 7],
  ])("%s is %i", (text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  test.each(["", " ", "1.5", "1e2", "0x10", "five", "-11", "1001", "1 2", "٣", "9".repeat(400)])(
    "%j is refused, and the range is named",
    (text) => {
      expect(() => parse(text)).toThrow("Expected an integer from -10 to 1000.");
    },
  );
});
