import { describe, expect, test } from "vitest";
import { readProgress } from "./progress.ts";

describe("readProgress", () => {
  test.each([
    ["0", 0, "0%"],
    ["0.25", 0.25, "25%"],
    ["1", 1, "100%"],
    ["42.9", 0.429, "42%"],
    ['{"percent": 1}', 0.01, "1%"],
    ['{"done": 1500, "total": 6000, "file": "a"}', 0.25, "1,500 of 6,000"],
    ['{"done": 9, "total": 3}', 1, "9 of 3"],
  ])("reads %s", (text, fraction, label) => {
    const found = readProgress(text);

    expect(found?.fraction).toBeCloseTo(fraction);
    expect(found?.label).toBe(label);
  });

  test.each(["null", '"half"', "-1", "101", '{"done": 1}', '{"done": 1, "total": 0}', "[1]", "no JSON"])(
    "reads nothing from %s",
    (text) => {
      expect(readProgress(text)).toBeNull();
    },
  );
});
