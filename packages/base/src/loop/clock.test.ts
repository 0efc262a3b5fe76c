import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "./clock.ts";

const THIRTY_DAYS_MS = 30 * 86_400_000;

describe("the system clock's timer", () => {
  let calls = 0;
  const call = () => {
    calls += 1;
  };

  beforeEach(() => {
    calls = 0;
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([1, 1_000, 2 ** 31 - 1, 2 ** 31, THIRTY_DAYS_MS, 5 * THIRTY_DAYS_MS])(
    "of %d ms calls back then, and once",
    (ms) => {
      systemClock.after(ms, call);

      vi.advanceTimersByTime(ms - 1);
      expect(calls).toBe(0);
      vi.advanceTimersByTime(1);
      expect(calls).toBe(1);
      vi.advanceTimersByTime(THIRTY_DAYS_MS);
      expect(calls).toBe(1);
    },
  );

  test("without an end never calls back", () => {
    systemClock.after(Number.POSITIVE_INFINITY, call);

    vi.advanceTimersByTime(10 * THIRTY_DAYS_MS);

    expect(calls).toBe(0);
  });

  test.each([0, 26 * 86_400_000])("that was stopped after %d ms never calls back", (stoppedAfterMs) => {
    const stop = systemClock.after(THIRTY_DAYS_MS, call);

    vi.advanceTimersByTime(stoppedAfterMs);
    stop();
    vi.advanceTimersByTime(2 * THIRTY_DAYS_MS);

    expect(calls).toBe(0);
  });
});
