import { AssertionError } from "node:assert";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createTestQueue, type TestQueue } from "../src/index.ts";
import { useTestDatabase } from "../src/vitest.ts";
import { orderTask } from "./tasks.ts";

const database = useTestDatabase();
const charge = orderTask("charge");
const audit = orderTask("audit");
let pool: pg.Pool;
let jobs: TestQueue;
beforeAll(() => {
  pool = database.pool();
  jobs = createTestQueue({ pool, tasks: [charge, audit] });
});
beforeEach(async () => {
  await jobs.queue.deleteMany({ all: true });
});

test("returns the jobs of a task that fit, the oldest first, with typed payloads, in any state", async () => {
  await jobs.queue.enqueue(charge, { orderId: 1 });
  await jobs.drain();
  await jobs.queue.enqueue(charge, { orderId: 2 }, { queue: "money", tags: ["a", "b"], priority: -5 });
  await jobs.queue.enqueue(audit, { orderId: 3 });

  const all = await jobs.enqueued(charge);
  const ids: number[] = all.map(({ payload }) => payload.orderId);
  expect(ids).toEqual([1, 2]);
  expect(all.map(({ state }) => state)).toEqual(["completed", "queued"]);
  for (const where of [
    { payload: { orderId: 2 } },
    { queue: "money", tags: ["b"], priority: -5 },
    { state: "queued" as const },
    ({ payload }: { payload: { orderId: number } }) => payload.orderId > 1,
  ]) {
    expect(await jobs.enqueued(charge, where)).toMatchObject([{ payload: { orderId: 2 } }]);
  }
  expect(await jobs.enqueued("charge", { payload: { orderId: 9 } })).toEqual([]);
});

test("more jobs than one page has are all found", async () => {
  await jobs.queue.enqueueMany(Array.from({ length: 1_001 }, () => ({ type: "bulk" })));

  expect(await jobs.enqueued("bulk")).toHaveLength(1_001);
});

test("a transaction's own jobs are found in the transaction alone", async () => {
  await drizzle({ client: pool }).transaction(async (tx) => {
    await jobs.queue.enqueue(charge, { orderId: 1 }, { tx });

    await jobs.expectEnqueued(charge, { payload: { orderId: 1 } }, { tx });
    await jobs.expectNotEnqueued(charge);
    await expect(jobs.expectNotEnqueued(charge, {}, { tx })).rejects.toThrow(AssertionError);
  });
  await jobs.expectEnqueued(charge);
});

test("what was expected and not found is told with the jobs that are there, and how they differ", async () => {
  await jobs.queue.enqueue(charge, { orderId: 7 });
  await jobs.queue.enqueue(charge, { orderId: 8 }, { queue: "money", tags: ["a"] });
  await jobs.queue.enqueue(audit, { orderId: 8 });

  const error = await jobs
    .expectEnqueued(charge, { payload: { orderId: 8 }, queue: "default", tags: ["b"] })
    .catch((caught: unknown) => caught);

  expect(error).toBeInstanceOf(AssertionError);
  const { message, expected, actual } = error as AssertionError;
  expect(message.split("\n")).toEqual([
    'Expected a job of type "charge" with ' +
      "{ payload: { orderId: 8 }, queue: 'default', tags: [ 'b' ] }, and found none.",
    "There are 2 jobs of this type:",
    "  1. queued in default, payload { orderId: 7 }",
    "     payload.orderId: expected 8, got 7",
    '     tags: "b" is missing',
    "  2. queued in money, payload { orderId: 8 }",
    '     queue: expected "default", got "money"',
    '     tags: "b" is missing',
    "Jobs of other types: audit (1).",
  ]);
  expect(expected).toEqual({ payload: { orderId: 8 }, queue: "default", tags: ["b"] });
  expect(actual).toMatchObject([{ payload: { orderId: 7 } }, { payload: { orderId: 8 } }]);
});

test("a number of jobs is exact", async () => {
  await jobs.queue.enqueue(charge, { orderId: 7 });
  await jobs.queue.enqueue(charge, { orderId: 7 });

  expect(await jobs.expectEnqueued(charge, { payload: { orderId: 7 } }, { count: 2 })).toHaveLength(2);
  await expect(jobs.expectEnqueued(charge, {}, { count: 1 })).rejects.toThrow(
    'Expected 1 job of type "charge", and found 2.',
  );
  await expect(jobs.expectNotEnqueued(charge)).rejects.toThrow(
    'Expected no job of type "charge", and found 2.',
  );
  await expect(jobs.expectEnqueued("none")).rejects.toThrow('There is no job of type "none".');
});

test("a field that no job has is refused, because it would fit nothing", async () => {
  await expect(jobs.enqueued(charge, { payloads: {} } as never)).rejects.toThrow("did you mean `payload`?");
  await expect(jobs.expectEnqueued(charge, {}, { counts: 2 } as never)).rejects.toThrow(
    "did you mean `count`?",
  );
});
