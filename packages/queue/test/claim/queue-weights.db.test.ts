import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, type Queue, type QueueChoice } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

async function fill(name: string, count: number, priorities = [0]): Promise<void> {
  const jobs = Array.from({ length: count }, (_, n) => ({
    type: "count",
    queue: name,
    priority: priorities[n % priorities.length] ?? 0,
  }));
  await queue.enqueueMany(jobs);
}

/** Runs a worker until it has run so many jobs, and gives their queues in the order they were claimed. */
async function runUntil(
  count: number,
  queues: readonly QueueChoice[],
  { concurrency = 4, jobMs = 0 } = {},
): Promise<string[]> {
  const seen: string[] = [];
  const worker = createWorker({
    db: pool,
    queues,
    concurrency,
    tasks: [
      defineTask({
        name: "count",
        payload: z.unknown(),
        async run(_payload, { job }) {
          seen.push(job.queue);
          if (jobMs > 0) await pause(jobMs);
        },
      }),
    ],
  });
  worker.start();
  await waitFor(() => seen.length >= count, { description: `${count} jobs to run` });
  await worker.stop();
  return seen;
}

function share(seen: readonly string[], name: string): number {
  return seen.filter((each) => each === name).length;
}

describe("one worker over a mixed backlog of queues with weights", () => {
  test("runs them in proportion, whatever their priorities, while all have jobs", async () => {
    await fill("heavy", 500, [5, -5, 0]);
    await fill("light", 500);
    await fill("middle", 500, [1, 2]);
    const queues = [
      { name: "light", weight: 1 },
      { name: "heavy", weight: 6 },
      { name: "middle", weight: 3 },
    ];

    // Jobs that take longer than the horizon of prefetching are claimed one slot at a time.
    const seen = (await runUntil(300, queues, { concurrency: 8, jobMs: 30 })).slice(0, 300);

    const off = (name: string, expected: number) => Math.abs(share(seen, name) - expected);
    expect([off("heavy", 180), off("middle", 90), off("light", 30)].every((jobs) => jobs <= 8)).toBe(true);
  });

  test("leaves no slot idle when one of them runs dry: all jobs run", async () => {
    await fill("heavy", 20);
    await fill("light", 600);

    const seen = await runUntil(620, [
      { name: "heavy", weight: 9 },
      { name: "light", weight: 1 },
    ]);

    expect([share(seen, "heavy"), share(seen, "light")]).toEqual([20, 600]);
  });

  test("without weights the first queue's jobs all run first", async () => {
    await fill("second", 300);
    await fill("first", 300);

    const seen = await runUntil(600, ["first", "second"]);

    expect(seen.slice(0, 300)).toEqual(Array(300).fill("first"));
  });
});
