import { createQueue, type Queue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readTopFrame } from "../src/top/top-frame.ts";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts, millrace.job_queues, millrace.workers`);
});

const claim = (limit: number) =>
  queue.runs.claim({ queues: ["default"], workerId: "w1", limit, leaseSeconds: 30 });

async function fill(): Promise<{ runningId: string; failedId: string }> {
  const failedId = (await queue.enqueue("send", {})).id;
  await queue.runs.fail((await claim(1)).map((run) => ({ ...run, error: "boom\n  at x", retryInMs: null })));
  const runningId = (await queue.enqueue("send", {})).id;
  await claim(1);
  await pool.query("UPDATE millrace.claims SET begun_at = now() - interval '75 seconds'");
  await queue.enqueueMany([{ type: "send" }, { type: "send", delayMs: 3_600_000 }]);
  await queue.pause("empty");
  return { runningId, failedId };
}

describe("top without a terminal", () => {
  test("shows once what is queued, what runs, and what failed", async () => {
    const { runningId, failedId } = await fill();

    const text = await cli.text(["top"]);

    expect(text).toMatch(
      /^database millrace_test_\w+ on \S+ {2}\d{4}-.*Z\nWorkers: 0 awake, 0 asleep, \d+ gone\n/,
    );
    expect(text).toMatch(/^QUEUE +QUEUED +RUNNING +DUE +OLDEST +ENDED\/S +PAUSED$/m);
    expect(text).toMatch(/^default +2 +1 +1 +\S.* +-$/m);
    expect(text).toMatch(/^empty +0 +0 +0 +- +- +(now|\d+ s ago)$/m);
    expect(text).toMatch(new RegExp(`^…${runningId.slice(-6)} +default +send +w1 +1m 1\\ds$`, "m"));
    expect(text).toMatch(new RegExp(`^…${failedId.slice(-6)} +default +send +(now|\\d+ s ago) +boom$`, "m"));
  });

  test("JSON holds the same", async () => {
    const { runningId, failedId } = await fill();

    expect(await cli.json(["top", "--once"])).toEqual({
      at: expect.stringMatching(/Z$/),
      queues: [
        {
          ...{ queue: "default", pausedAt: null, queued: 2, running: 1, due: 1 },
          ...{ oldestDueMs: expect.any(Number), endedPerSecond: null },
        },
        {
          ...{ queue: "empty", pausedAt: expect.any(String), queued: 0, running: 0, due: 0 },
          ...{ oldestDueMs: null, endedPerSecond: null },
        },
      ],
      workers: { awake: 0, asleep: 0, gone: expect.any(Number) },
      running: [
        { id: runningId, queue: "default", type: "send", workerId: "w1", lastRunAt: expect.any(String) },
      ],
      failures: [
        { id: failedId, queue: "default", type: "send", failedAt: expect.any(String), error: "boom" },
      ],
    });
  });

  test("an empty database is told as such", async () => {
    expect(await cli.text(["top"])).toMatch(
      /\nNo queued or running jobs\.\n\nNo running jobs\.\n\nNo recent failures\.\n$/,
    );
  });
});

test("a second frame has the rate at which jobs ended", async () => {
  await queue.enqueueMany(Array.from({ length: 30 }, () => ({ type: "send" })));
  const first = await readTopFrame({ pool, queue, now: new Date() }, null);

  await queue.enqueueMany(Array.from({ length: 10 }, () => ({ type: "send" })));
  await queue.runs.complete(await claim(20));
  const later = new Date(first.at.getTime() + 2_000);
  const second = await readTopFrame({ pool, queue, now: later }, first);

  expect(second.rates?.get("default")).toBe(10);
});

test("on a terminal it is drawn until the person presses q", async () => {
  await fill();
  const quit = new AbortController();

  const text = await cli.text(["top"], {
    env: { NO_COLOR: "1" },
    terminal: {
      isOutput: true,
      columns: () => 80,
      rows: () => 10,
      listenForQuit: () => ({ signal: quit.signal, close: () => undefined }),
    },
    // Every pause of the live view passes at once.
    clock: {
      now: () => 0,
      random: () => 0,
      after(_ms, callback) {
        queueMicrotask(callback);
        return () => undefined;
      },
    },
    isRead: (written) => {
      if (written.split("\u001b[H").length > 3) quit.abort();
      return true;
    },
  });

  expect(text.startsWith("\u001b[?1049h")).toBe(true);
  expect(text.endsWith("\u001b[?1049l")).toBe(true);
  const frames = text.split("\u001b[H").slice(1);
  expect(frames).toHaveLength(3);
  for (const frame of frames) expect(frame.split("\r\n").length).toBeLessThanOrEqual(10);
  expect(frames[2]).toMatch(/default +2 +1 +1 +\S.* +0\S\[K/);
});
