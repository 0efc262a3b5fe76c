import { describe, expect, test } from "vitest";
import { parseRange, rangeBounds, rangeParam } from "./time-range.ts";

const NOW = new Date("2031-01-05T12:00:00.000Z");
const boundsOf = (text: string) => {
  const range = parseRange(text);
  if (range === null) return null;
  const { after, before } = rangeBounds(range, NOW);
  return [after?.toISOString() ?? null, before?.toISOString() ?? null];
};

describe("a time range", () => {
  test.each([
    ["24h", ["2031-01-04T12:00:00.000Z", null]],
    ["2031-01-01T00:00:00.000Z..", ["2031-01-01T00:00:00.000Z", null]],
    ["..2031-01-01T00:00:00.000Z", [null, "2031-01-01T00:00:00.000Z"]],
    [
      "2031-01-01T00:00:00.000Z..2031-01-02T00:00:00.000Z",
      ["2031-01-01T00:00:00.000Z", "2031-01-02T00:00:00.000Z"],
    ],
    ["..", null],
    ["0s", null],
    ["yesterday", null],
    ["a..b", null],
    ["1..2", null],
  ])("%s has the bounds %j", (text, bounds) => {
    expect(boundsOf(text)).toEqual(bounds);
  });

  test.each(["24h", "2031-01-01T00:00:00.000Z..", "..2031-01-01T00:00:00.000Z"])(
    "%s is written as it is read",
    (text) => {
      const range = parseRange(text);

      expect(range === null ? null : rangeParam(range)).toBe(text);
    },
  );
});
