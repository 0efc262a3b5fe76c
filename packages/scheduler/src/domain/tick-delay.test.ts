import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tickDelayMs } from "./tick-delay.ts";

const ID = "0190f2d4-0000-7000-8000-000000000001";
const instants = fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });

describe("a tick's delay", () => {
  test("is the same in every release: other schedulers, of other versions, must agree", () => {
    expect(tickDelayMs(ID, new Date("2025-06-15T12:00:00Z"), 60_000)).toBe(31_741);
    expect(tickDelayMs(ID, new Date("2025-06-15T12:01:00Z"), 60_000)).toBe(45_874);
    expect(tickDelayMs(ID, new Date("2025-06-15T12:00:00Z"), 86_400_000)).toBe(13_591_741);
  });

  test("stays below the schedule's jitter, and is 0 without any", () => {
    fc.assert(
      fc.property(fc.uuid(), instants, fc.integer({ min: 1, max: 86_400_000 }), (id, tick, jitterMs) => {
        const delayMs = tickDelayMs(id, tick, jitterMs);

        expect(Number.isInteger(delayMs) && delayMs >= 0 && delayMs < jitterMs).toBe(true);
        expect(tickDelayMs(id, tick, jitterMs)).toBe(delayMs);
        expect(tickDelayMs(id, tick, 0)).toBe(0);
      }),
    );
  });

  test.each([
    ["the ticks of one schedule", (n: number) => tickDelayMs(ID, new Date(n * 60_000), 10_000)],
    [
      "one tick of many schedules",
      (n: number) =>
        tickDelayMs(ID.slice(0, -6) + String(n).padStart(6, "0"), new Date("2025-06-15T12:00:00Z"), 10_000),
    ],
  ])("spreads %s evenly", (_what, delayOf) => {
    const tenths = Array.from({ length: 10 }, () => 0);

    for (let n = 0; n < 10_000; n += 1) {
      const tenth = Math.floor(delayOf(n) / 1_000);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }

    // 1,000 delays are expected in each part. A fair hash stays within 4 standard deviations, 120.
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(120);
  });
});
