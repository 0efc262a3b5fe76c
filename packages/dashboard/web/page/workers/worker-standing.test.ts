import type { WorkerRow } from "@millrace/api/client";
import { describe, expect, it } from "vitest";
import { orderedWorkers, slotShare, workerStanding } from "./worker-standing.ts";

function worker(given: Partial<WorkerRow> = {}): WorkerRow {
  return {
    id: "host-1",
    queues: ["default"],
    types: ["mail"],
    release: "0.1.0",
    concurrency: 10,
    pausedAt: null,
    startedAt: "2031-01-01T00:00:00.000Z",
    seenAt: "2031-01-01T00:05:00.000Z",
    alive: true,
    asleep: false,
    running: 0,
    oldestRunAt: null,
    leaseUntil: null,
    counts: { completed: 0, failed: 0, canceled: 0, retried: 0, refused: 0 },
    crashed: 0,
    runs: [],
    ...given,
  };
}

const ago = () => "3 min ago";

describe("how a worker is", () => {
  it.each([
    [{ running: 2 }, "working"],
    [{}, "waiting"],
    [{ pausedAt: "2031-01-01T00:00:00.000Z", running: 2 }, "paused"],
    [{ alive: false }, "gone"],
    [{ alive: false, seenAt: null }, "unknown"],
  ] as const)("%j is told as %s", (given, word) => {
    expect(workerStanding(worker(given), ago).word).toBe(word);
  });

  it("says why a worker counts as gone, and what becomes of its jobs", () => {
    expect(workerStanding(worker({ alive: false, running: 2 }), ago).why).toBe(
      "Not seen for 30 s or longer: last 3 min ago. The 2 jobs that it holds are taken back when the lease ends.",
    );
  });
});

describe("the list of workers", () => {
  it("begins with the living, and shows the dead that hold jobs before those that hold none", () => {
    const given = [
      worker({ id: "d", alive: false }),
      worker({ id: "c", alive: false, running: 1 }),
      worker({ id: "b" }),
      worker({ id: "a" }),
    ];

    expect(orderedWorkers(given).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  });

  it("shows a worker's slots only where it told them, and never as more than full", () => {
    expect(slotShare({ running: 3, concurrency: 4 })).toBe(0.75);
    expect(slotShare({ running: 9, concurrency: 4 })).toBe(1);
    expect(slotShare({ running: 3, concurrency: null })).toBeNull();
  });
});
