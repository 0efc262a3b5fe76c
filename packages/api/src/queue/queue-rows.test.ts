import type { QueueDepth, WorkerStatus } from "@millrace/queue";
import { expect, test } from "vitest";
import { queueRows } from "./queue-rows.ts";

const depth: QueueDepth = {
  queue: "mail",
  queued: { count: 7, capped: false },
  due: { count: 3, capped: true },
  running: 2,
  oldestDueMs: 1_500,
  pausedAt: new Date("2031-01-01T00:00:00Z"),
  settings: { timeoutMs: 60_000 },
};

const counts = { completed: 1, failed: 2, canceled: 3, retried: 4, crashed: 5, refused: 6 };
const noCounts = { completed: 0, failed: 0, canceled: 0, retried: 0, crashed: 0, refused: 0 };

/** A worker, as far as rows of queues depend on it. */
const worker = (alive: boolean, queues: readonly string[]) => ({ alive, queues }) as unknown as WorkerStatus;

test("every queue has a row: from its jobs, its last hour, or its living workers", () => {
  const rows = queueRows({
    depths: [depth],
    lastHour: new Map([
      ["mail", counts],
      ["done", counts],
    ]),
    workers: [
      worker(true, ["mail", "idle", "mail"]),
      worker(true, ["mail"]),
      worker(false, ["mail", "dead"]),
    ],
  });

  const none = { count: 0, capped: false };
  const empty = { queued: none, due: none, running: 0, oldestDueMs: null, pausedAt: null, settings: null };
  expect(rows).toEqual([
    { queue: "done", ...empty, lastHour: counts, workers: 0 },
    { queue: "idle", ...empty, lastHour: noCounts, workers: 1 },
    { ...depth, pausedAt: "2031-01-01T00:00:00.000Z", lastHour: counts, workers: 2 },
  ]);
});

test("a queue may have the name of a field of every object", () => {
  const rows = queueRows({
    depths: [{ ...depth, queue: "__proto__" }],
    lastHour: new Map([["constructor", counts]]),
    workers: [worker(true, ["toString"])],
  });

  expect(rows.map((row) => [row.queue, row.running, row.lastHour.completed, row.workers])).toEqual([
    ["__proto__", 2, 0, 0],
    ["constructor", 0, 1, 0],
    ["toString", 0, 0, 1],
  ]);
});
