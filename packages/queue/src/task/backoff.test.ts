import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_MAX_ATTEMPTS } from "../enqueue/new-job.ts";
import { backoffMs, DEFAULT_BACKOFF, withJitter } from "./backoff.ts";

describe("backoff", () => {
  test.each([
    [1, 5_000],
    [2, 10_000],
    [3, 20_000],
    [6, 160_000],
    [7, 320_000],
    [8, 600_000],
    [5_000, 600_000],
  ])("after attempt %i the delay is %i ms", (attempt, expected) => {
    expect(backoffMs(attempt)).toBe(expected);
  });

  test("the attempts of a job by default outlast half an hour of failures", () => {
    const delays = Array.from({ length: DEFAULT_MAX_ATTEMPTS - 1 }, (_, at) => backoffMs(at + 1));

    expect(delays.reduce((sum, each) => sum + each)).toBe(1_835_000);
  });

  test("never shrinks as attempts grow, and never passes the cap", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (attempt) => {
        expect(backoffMs(attempt + 1)).toBeGreaterThanOrEqual(backoffMs(attempt));
        expect(backoffMs(attempt)).toBeLessThanOrEqual(DEFAULT_BACKOFF.capMs);
      }),
    );
  });

  test("jitter adds from nothing to its limit, as the random source says", () => {
    expect(withJitter(5_000, 1_000, () => 0)).toBe(5_000);
    expect(withJitter(5_000, 1_000, () => 0.5)).toBe(5_500);
    expect(withJitter(5_000, 1_000, () => 0.999_999)).toBe(5_999);
  });
});
