import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_queues`);
});

const exactly = (count: number) => ({ count, capped: false });
const atLeast = (count: number) => ({ count, capped: true });
const NOTHING = {
  queued: exactly(0),
  due: exactly(0),
  running: 0,
  oldestDueMs: null,
  pausedAt: null,
  settings: null,
};

test("without jobs and settings, there are no depths", async () => {
  expect(await queue.depths()).toEqual([]);
});

test("waiting, due and running jobs of each queue are counted, over all priorities", async () => {
  for (const priority of [-5, 0, 0, 7]) await insertJob(pool, { queue: "b", priority, runInSeconds: -60 });
  await insertJob(pool, { queue: "b", priority: 3, runInSeconds: -3_600 });
  for (const priority of [-5, 9]) await insertJob(pool, { queue: "b", priority, runInSeconds: 3_600 });
  await insertJob(pool, { queue: "a", runInSeconds: 3_600 });
  await insertJob(pool, { queue: "b", state: "running" });
  await insertJob(pool, { queue: "c", state: "running" });
  for (const state of ["completed", "failed", "canceled"] as const)
    await insertJob(pool, { queue: "d", state });

  const depths = await queue.depths();

  expect(depths).toEqual([
    { ...NOTHING, queue: "a", queued: exactly(1) },
    {
      ...NOTHING,
      queue: "b",
      queued: exactly(7),
      due: exactly(5),
      running: 1,
      oldestDueMs: expect.any(Number),
    },
    { ...NOTHING, queue: "c", running: 1 },
  ]);
  expect(depths[1]?.oldestDueMs).toBeGreaterThanOrEqual(3_600_000);
});

test("jobs of a shared claim that have ended do not run", async () => {
  await queue.enqueueMany([1, 2, 3].map(() => ({ type: "t", queue: "shared" })));
  const [first] = await queue.runs.claim({ queues: ["shared"], workerId: "w", limit: 3, leaseSeconds: 60 });
  await queue.runs.complete(first === undefined ? [] : [first]);

  expect(await queue.depths()).toEqual([{ ...NOTHING, queue: "shared", running: 2 }]);
});

test("paused queues and queues with settings are there without jobs", async () => {
  await queue.pause("paused");
  await queue.setQueue("set", { timeoutMs: 7_000 });
  await queue.pause("resumed");
  await queue.resume("resumed");

  expect(await queue.depths()).toEqual([
    { ...NOTHING, queue: "paused", pausedAt: expect.any(Date) },
    { ...NOTHING, queue: "set", settings: { timeoutMs: 7_000 } },
  ]);
});

test("counts end at the maximum, and say so", async () => {
  for (const priority of [0, 1]) {
    for (let n = 0; n < 2; n += 1) await insertJob(pool, { queue: "many", priority, runInSeconds: -1 });
  }
  await insertJob(pool, { queue: "many", runInSeconds: 60 });

  const [three] = await queue.depths({ max: 3 });
  const [four] = await queue.depths({ max: 4 });
  const [five] = await queue.depths({ max: 5 });

  expect(three).toMatchObject({ queued: atLeast(3), due: atLeast(3) });
  expect(four).toMatchObject({ queued: atLeast(4), due: exactly(4) });
  expect(five).toMatchObject({ queued: exactly(5), due: exactly(4) });
});

test("of many priorities, the smallest are looked at, and no queue is missing", async () => {
  await pool.query(
    `INSERT INTO millrace.waiting_jobs (queue, type, priority)
     SELECT queue, 't', n FROM unnest('{x,y}'::text[]) AS queue, generate_series(1, 1200) n`,
  );
  await insertJob(pool, { queue: "z", priority: 32_767, runInSeconds: -1 });

  const depths = await queue.depths();

  expect(depths.map(({ queue: name, queued, due }) => ({ name, queued, due }))).toEqual([
    { name: "x", queued: exactly(1_200), due: atLeast(1_000) },
    { name: "y", queued: exactly(1_200), due: atLeast(1_000) },
    { name: "z", queued: exactly(1), due: exactly(1) },
  ]);
});

test("a job that waits for another job is queued, and not due", async () => {
  const latest = { queue: "line", latest: { key: "k" } };
  await queue.enqueue("t", {}, latest);
  await queue.runs.claim({ queues: ["line"], workerId: "w", limit: 1, leaseSeconds: 60 });
  await queue.enqueue("t", {}, latest);

  expect(await queue.depths()).toEqual([{ ...NOTHING, queue: "line", queued: exactly(1), running: 1 }]);
});
