import { systemClock } from "@millrace/base";
import { preview } from "@millrace/scheduler";
import { describe, expect, test } from "vitest";
import { boundedPreview } from "./bounded-preview.ts";

const AFTER = new Date("2031-01-01T00:00:00.500Z");

/** A clock on which each look takes so many ms. */
function slowClock(ms: number) {
  let now = 0;
  return {
    ...systemClock,
    now() {
      now += ms;
      return now;
    },
  };
}

describe("a bounded preview", () => {
  test.each([
    { cron: "30 2 * * *", timezone: "Europe/Berlin" },
    { cron: "*/7 * * * * *", timezone: "UTC" },
    { cron: "0 0 29 2 *", timezone: "America/New_York" },
    { everyMs: 86_400_001 },
    { everyMs: 90_000, anchor: new Date("2020-01-01T00:00:07Z") },
    { everyMs: 3_155_760_000_000 },
  ])("of $cron $everyMs has what a preview has", (previewed) => {
    for (const count of [1, 4, 5, 6, 50]) {
      const clock = slowClock(0);
      const found = boundedPreview(previewed, { after: AFTER, count, clock });

      expect(found).toEqual(preview({ ...previewed, createdAt: AFTER }, { after: AFTER, count }));
    }
  });

  test("has fewer ticks when they take too long", () => {
    const previewed = { cron: "0 0 29 2 *" };

    const found = boundedPreview(previewed, { after: AFTER, count: 50, clock: slowClock(90) });

    const all = preview(previewed, { after: AFTER, count: 50 });
    expect(found.ticks.length).toBeLessThan(50);
    expect(found.ticks).toEqual(all.ticks.slice(0, found.ticks.length));
  });
});
