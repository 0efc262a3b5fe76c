import { describe, expect, test } from "vitest";
import { Prefetch } from "./prefetch.ts";

function after(concurrency: number, durations: number[]): number {
  const prefetch = new Prefetch(concurrency);
  for (const duration of durations) prefetch.observe(duration);
  return prefetch.target;
}

describe("prefetch", () => {
  test("claims nothing ahead before a handler was measured, or while handlers are slow", () => {
    expect(after(4, [])).toBe(0);
    expect(after(4, Array(100).fill(200))).toBe(0);
  });

  test("grows with fast handlers up to its limit", () => {
    expect(after(4, Array(100).fill(1))).toBeGreaterThan(90);
    expect(after(4, Array(200).fill(0.01))).toBe(2_000);
  });

  test("one slow handler stops it at once, and only many fast ones bring it back", () => {
    const fast = Array(200).fill(0.01);

    expect(after(4, [...fast, 500])).toBe(0);
    expect(after(4, [...fast, 500, ...Array(10).fill(0.01)])).toBe(0);
    expect(after(4, [...fast, 500, ...Array(120).fill(0.01)])).toBeGreaterThan(100);
  });
});
