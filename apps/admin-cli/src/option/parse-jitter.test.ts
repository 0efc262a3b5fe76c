import { describe, expect, test } from "vitest";
import { parseBound } from "./parse-bound.ts";
import { parseJitter } from "./parse-jitter.ts";

describe("a jitter", () => {
  test.each([
    ["0", 0],
    ["30s", 30_000],
    ["1d", 86_400_000],
  ])("%s is %i ms", (text, jitterMs) => {
    expect(parseJitter(text)).toBe(jitterMs);
  });

  test.each(["25h", "-1", "soon"])("%s is refused", (text) => {
    expect(() => parseJitter(text)).toThrow(/Expected a (jitter|delay)/);
  });
});

describe("a bound", () => {
  test("is an instant, or none", () => {
    const bound = parseBound("2030-01-31T09:00:00+01:00");

    expect(bound).not.toBe("none");
    expect(bound === "none" || bound(new Date(0))).toEqual(new Date("2030-01-31T08:00:00Z"));
    expect(parseBound("none")).toBe("none");
  });

  test("without an offset is refused", () => {
    expect(() => parseBound("2030-01-31T09:00:00")).toThrow("Expected an instant");
  });
});
