import { preview } from "@millrace/scheduler";
import { describe, expect, test } from "vitest";
import { boundedPreview } from "./bounded-preview.ts";

const AFTER = new Date("2031-01-01T00:00:00.500Z");

describe("a bounded preview", () => {
  test.each([
    { cron: "30 2 * * *", timezone: "Europe/Berlin" },
    { cron: "*/7 * * * * *", timezone: "UTC" },
    { cron: "0 0 1 1 *", timezone: "America/New_York" },
    { everyMs: 86_400_001 },
    { everyMs: 90_000, anchor: new Date("2020-01-01T00:00:07Z") },
  ])("of $cron $everyMs has what a preview has", (previewed) => {
    for (const count of [1, 4, 5, 6, 50]) {
      const found = boundedPreview(previewed, { after: AFTER, count });

      expect(found).toEqual(preview({ ...previewed, createdAt: AFTER }, { after: AFTER, count }));
    }
  });

  test.each([{ cron: "0 0 ? 2 0#5" }, { cron: "0 0 29 2 *" }, { everyMs: 3_155_760_000_000 }])(
    "looks a century ahead, and a few ticks further: %j",
    (previewed) => {
      const { ticks } = boundedPreview(previewed, { after: AFTER, count: 50 });

      expect(ticks).toEqual(
        preview({ ...previewed, createdAt: AFTER }, { after: AFTER, count: ticks.length }).ticks,
      );
      expect(ticks.length).toBeLessThan(50);
      const century = new Date("2131-01-01T00:00:00Z");
      const beyond = ticks.filter(({ tickAt }) => tickAt > century);
      expect(beyond.length).toBeGreaterThan(0);
      expect(beyond.length).toBeLessThanOrEqual(5);
    },
  );

  test("ends with the last tick", () => {
    const after = new Date("9999-12-30T00:00:00Z");

    expect(boundedPreview({ cron: "0 0 * * *" }, { after, count: 50 }).ticks).toHaveLength(1);
  });
});
