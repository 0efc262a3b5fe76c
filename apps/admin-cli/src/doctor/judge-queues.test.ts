import type { QueueDepth } from "@millrace/queue";
import { expect, test } from "vitest";
import { judgeQueues } from "./judge-queues.ts";

const DEPTH: QueueDepth = {
  queue: "mial",
  queued: { count: 2, capped: false },
  due: { count: 2, capped: false },
  running: 0,
  oldestDueMs: 90_000,
  pausedAt: null,
  settings: null,
};
const MAIL = { alive: true, queues: ["mail"] };

test.each<[string, Partial<QueueDepth>, Parameters<typeof judgeQueues>[1], number]>([
  ["is told if living workers claim from other queues", {}, [MAIL], 1],
  ["is told if no worker lives", {}, [], 1],
  ["is told if the worker that claims from the queue is gone", {}, [{ alive: false, queues: ["mial"] }], 1],
  ["is not told if a living worker claims from the queue", {}, [MAIL, { alive: true, queues: ["mial"] }], 0],
  ["is not told of a paused queue", { pausedAt: new Date(0) }, [MAIL], 0],
  ["is not told before a worker had a minute", { oldestDueMs: 60_000 }, [MAIL], 0],
  ["is not told if no job is due", { oldestDueMs: null }, [MAIL], 0],
])("a queue without a worker %s", (_case, fields, workers, notes) => {
  expect(judgeQueues([{ ...DEPTH, ...fields }], workers)).toHaveLength(notes);
});

test("the note names the queue, and the queues that have workers", () => {
  expect(judgeQueues([DEPTH], [MAIL])).toMatchObject([
    {
      code: "QUEUE_WITHOUT_WORKER",
      severity: "note",
      object: "queue mial",
      text:
        "2 jobs of the queue are due, the first for 1m 30s, and no living worker claims from the queue: the living " +
        "workers claim from mail. Add the queue to a worker's queues, or correct the name where the jobs are enqueued.",
    },
  ]);
});

test("of many queues and jobs, the note says that there are more", () => {
  const many = [{ alive: true, queues: ["g", "f", "e", "d", "c", "b", "a\u001b"] }];

  const [found] = judgeQueues([{ ...DEPTH, due: { count: 1_000, capped: true } }], many);

  expect(found?.text).toMatch(/^At least 1,000 jobs .*claim from a\\u001b, b, c, d, e and 2 more\./);
});
