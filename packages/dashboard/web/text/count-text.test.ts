import { describe, expect, test } from "vitest";
import { bytesText, cappedCountText, cappedText, countText } from "./count-text.ts";

describe("a count for people", () => {
  test.each([
    [{ count: 0, capped: false }, "0", "0 jobs"],
    [{ count: 1, capped: false }, "1", "1 job"],
    [{ count: 10_000, capped: true }, "10,000+", "10,000+ jobs"],
  ])("%j is %s", (counted, text, withNoun) => {
    expect(cappedText(counted)).toBe(text);
    expect(cappedCountText(counted, "job")).toBe(withNoun);
  });

  test("has its noun in the singular or the plural", () => {
    expect([0, 1, 12_345].map((count) => countText(count, "job"))).toEqual([
      "0 jobs",
      "1 job",
      "12,345 jobs",
    ]);
    expect(countText(2, "job runs", "jobs run")).toBe("2 jobs run");
  });

  test.each([
    [812, "812 B"],
    [14_200, "14.2 kB"],
    [3_100_000, "3.1 MB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
