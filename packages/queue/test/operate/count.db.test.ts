import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createQueue, type JobSelection, type Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";

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

const exactly = (count: number) => ({ count, capped: false });
const atLeast = (count: number) => ({ count, capped: true });

test("jobs of all states are counted, in all places", async () => {
  expect(await queue.count()).toEqual(exactly(0));
  for (const state of ["queued", "running", "completed", "failed", "failed", "canceled"] as const) {
    await insertJob(pool, { state, queue: "a" });
    await insertJob(pool, { state, queue: "b", type: "other" });
  }

  expect(await queue.count()).toEqual(exactly(12));
  expect(await queue.count({ queue: "a" })).toEqual(exactly(6));
  expect(await queue.count({ type: "other", state: "failed" })).toEqual(exactly(2));
  expect(await queue.count({ state: "canceled" })).toEqual(exactly(2));
  expect(await queue.count({ state: "running", finishedBefore: new Date() })).toEqual(exactly(0));
});

test("a count and a search have what a list has, for every two fields of a filter", async () => {
  const { id } = await queue.enqueue(
    "mail",
    { to: "ada" },
    { queue: "a", priority: 3, tags: ["red", "big"], idempotencyKey: "k" },
  );
  await queue.enqueue("mail", { to: "bob" }, { queue: "a", tags: ["red"], delayMs: 3_600_000 });
  for (const state of ["running", "failed", "completed"] as const)
    await insertJob(pool, { state, queue: "a" });
  await pool.query("UPDATE millrace.ended_jobs SET last_error = 'Error: Time-out' WHERE state = 'failed'");
  const hour = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  const filters: JobSelection[] = [
    { ids: [id] },
    { idPrefix: id.slice(0, 30) },
    { idSuffix: id.slice(-12), queue: "a" },
    { idempotencyKey: "k" },
    { tags: ["red"] },
    { tags: ["red", "big"], queue: "a" },
    { payloadContains: { to: "bob" } },
    { errorIncludes: "time-out" },
    { createdBefore: hour(1) },
    { createdBefore: hour(-100) },
    { createdAfter: hour(-1) },
    { createdAfter: hour(100) },
    { finishedBefore: hour(1) },
    { finishedAfter: hour(-1), state: "failed" },
    { dueBefore: hour(0.5) },
    { dueBefore: hour(0.5), queue: "a", state: "queued" },
    { ids: [] },
  ];

  for (const filter of filters.flatMap((one) => filters.map((other) => ({ ...one, ...other })))) {
    const jobs = await queue.list(filter);
    const found = { filter, count: await queue.count(filter), jobs: (await queue.search(filter)).jobs };
    expect(found).toEqual({ filter, count: exactly(jobs.length), jobs });
  }
});

test("a count ends at the maximum", async () => {
  for (const state of ["queued", "running", "failed"] as const) await insertJob(pool, { state });

  expect(await queue.count({}, { max: 2 })).toEqual(atLeast(2));
  expect(await queue.count({}, { max: 3 })).toEqual(exactly(3));
});

test("a count looks at so many ended jobs, the newest first, and at so many waiting jobs", async () => {
  for (const type of ["old", "old", "new"]) {
    await insertJob(pool, { type, state: "completed" });
    await insertJob(pool, { type, queue: "line" });
  }

  expect(await queue.count({ type: "old" }, { rows: 2 })).toEqual(atLeast(2));
  expect(await queue.count({ type: "old" }, { rows: 1 })).toEqual(atLeast(0));
  expect(await queue.count({ type: "old" }, { rows: 3 })).toEqual(exactly(4));
  expect(await queue.count({ type: "old", queue: "line" }, { rows: 3 })).toEqual(exactly(2));
  expect(await queue.count({ type: "old", queue: "line", state: "queued" }, { rows: 2 })).toEqual(atLeast(2));
});

test("completed jobs do not stand between failed ones", async () => {
  await insertJob(pool, { state: "failed" });
  for (let n = 0; n < 5; n += 1) await insertJob(pool, { state: "completed" });
  await insertJob(pool, { state: "canceled" });

  expect(await queue.count({ state: "failed" }, { rows: 2 })).toEqual(exactly(1));
  expect(await queue.count({ state: "canceled" }, { rows: 1 })).toEqual(atLeast(1));
});
