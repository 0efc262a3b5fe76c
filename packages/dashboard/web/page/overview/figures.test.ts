import type { Overview } from "@millrace/api/client";
import { describe, expect, it } from "vitest";
import { figuresOf } from "./figures.ts";

const CALM: Overview = {
  at: "2031-01-01T00:00:00.000Z",
  queued: { count: 12_345, capped: false },
  due: { count: 0, capped: false },
  running: 3,
  oldestDueMs: null,
  pausedQueues: 0,
  workers: { alive: 2, running: 3, slots: 20 },
  schedules: { enabled: 4, overdue: 0, nextRunAt: null },
  lastTenMinutes: { completed: 900, failed: 0, retried: 0, crashed: 0 },
  snapshotHolder: null,
};

const told = (given: Partial<Overview>) =>
  Object.fromEntries(figuresOf({ ...CALM, ...given }).map((figure) => [figure.id, figure]));

describe("the figures of now", () => {
  it("are all plain while everything is as it should be", () => {
    expect(figuresOf(CALM).filter(({ tone }) => tone !== "plain")).toEqual([]);
  });

  it("show where a count was cut", () => {
    expect(told({ due: { count: 10_000, capped: true } })["due"]?.value).toBe("10,000+");
    expect(told({})["queued"]?.value).toBe("12,345");
  });

  it.each<[Partial<Overview>, string, string, string]>([
    [{ oldestDueMs: 61_000 }, "oldest", "warning", "waits longer than a minute"],
    [
      { oldestDueMs: 61_000, pausedQueues: 1 },
      "oldest",
      "warning",
      "waits longer than a minute, counting paused queues",
    ],
    [{ pausedQueues: 1 }, "paused", "warning", "their jobs wait"],
    [
      { schedules: { enabled: 4, overdue: 2, nextRunAt: null } },
      "schedules",
      "bad",
      "2 overdue by more than a minute",
    ],
    [
      { workers: { alive: 0, running: 0, slots: null }, due: { count: 1, capped: false } },
      "workers",
      "bad",
      "due jobs wait for a worker",
    ],
    [{ workers: { alive: 0, running: 0, slots: null } }, "workers", "warning", "none is alive"],
    [
      { lastTenMinutes: { completed: 1, failed: 2, retried: 3, crashed: 4 } },
      "lately",
      "warning",
      "1 completed, 3 retried, 4 crashed",
    ],
  ])("say what wants attention: %j", (given, id, tone, detail) => {
    expect(told(given)[id]).toMatchObject({ tone, detail });
  });
});
