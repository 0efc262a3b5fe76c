import { Fatal, Snooze } from "@millrace/queue";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createTestQueue, DrainLimitError } from "../src/index.ts";
import { useTestDatabase } from "../src/vitest.ts";
import { orderTask } from "./tasks.ts";

const HOUR_MS = 3_600_000;

const database = useTestDatabase();
let pool: pg.Pool;
beforeAll(() => {
  pool = database.pool();
});
beforeEach(async () => {
  await createTestQueue({ pool, tasks: [] }).queue.deleteMany({ all: true });
  await createTestQueue({ pool, tasks: [] }).queue.resume("mail");
});

test("runs what is due in all queues, and what handlers enqueue, in order, and leaves what is due later", async () => {
  const ran: string[] = [];
  const audit = orderTask("audit", ({ orderId }) => void ran.push(`audit ${orderId}`));
  const charge = orderTask("charge", async ({ orderId }, context) => {
    ran.push(`charge ${orderId}`);
    await context.enqueue(audit, { orderId }, { queue: `audit-${orderId}` });
  });
  const jobs = createTestQueue({ pool, tasks: [charge, audit] });
  await jobs.queue.enqueue(charge, { orderId: 1 });
  await jobs.queue.enqueue(charge, { orderId: 2 });
  const later = await jobs.queue.enqueue(charge, { orderId: 3 }, { delayMs: HOUR_MS });

  const drained = await jobs.drain();

  expect(drained).toEqual({
    completed: 4,
    failed: 0,
    retried: 0,
    canceled: 0,
    snoozed: 0,
    failures: [],
    withoutTask: [],
  });
  expect(ran.slice(0, 2)).toEqual(["charge 1", "charge 2"]);
  expect(ran.slice(2).sort()).toEqual(["audit 1", "audit 2"]);
  expect((await jobs.queue.get(later.id)).state).toBe("queued");
});

test("a failure is returned with what was thrown, and does not end the drain", async () => {
  const no = new Fatal("no card");
  const charge = orderTask("charge", ({ orderId }) => {
    if (orderId === 1) throw no;
    if (orderId === 2) throw new Error("busy");
  });
  const jobs = createTestQueue({ pool, tasks: [charge] });
  for (const orderId of [1, 2, 3]) await jobs.queue.enqueue(charge, { orderId });

  const { completed, failed, retried, failures } = await jobs.drain();

  expect({ completed, failed, retried }).toEqual({ completed: 1, failed: 1, retried: 1 });
  expect(failures).toMatchObject([
    { job: { payload: { orderId: 1 } }, outcome: "failed", thrown: no },
    { job: { payload: { orderId: 2 } }, outcome: "retried", error: expect.stringContaining("busy") },
  ]);
});

test("withScheduled moves the clock through retries, snoozes and delays, in their order", async () => {
  const ran: string[] = [];
  let failures = 0;
  const flaky = orderTask("flaky", () => {
    failures += 1;
    ran.push(`flaky ${failures}`);
    if (failures < 3) throw new Error("busy");
  });
  const sleepy = orderTask("sleepy", () => {
    ran.push("sleepy");
    if (ran.filter((each) => each === "sleepy").length === 1) throw new Snooze(6_000);
  });
  const jobs = createTestQueue({ pool, tasks: [flaky, sleepy] });
  await jobs.queue.enqueue(flaky, { orderId: 1 });
  await jobs.queue.enqueue(sleepy, { orderId: 1 });
  await jobs.queue.enqueue(sleepy, { orderId: 2 }, { delayMs: 24 * HOUR_MS });
  const begin = await jobs.now();

  const drained = await jobs.drain({ withScheduled: true });

  expect(drained).toMatchObject({ completed: 3, retried: 2, snoozed: 1, failed: 0 });
  expect(ran).toEqual(["flaky 1", "sleepy", "flaky 2", "sleepy", "flaky 3", "sleepy"]);
  expect((await jobs.now()).getTime() - begin.getTime()).toBeGreaterThanOrEqual(24 * HOUR_MS);
});

test("a job that enqueues itself for ever is told of, after as many runs as were allowed", async () => {
  let runs = 0;
  const loop = orderTask("loop", async ({ orderId }, context) => {
    runs += 1;
    await context.enqueue("loop", { orderId });
  });
  const jobs = createTestQueue({ pool, tasks: [loop] });
  await jobs.queue.enqueue(loop, { orderId: 1 });

  const error = await jobs.drain({ maxRuns: 25 }).catch((caught: unknown) => caught);

  expect(error).toBeInstanceOf(DrainLimitError);
  expect(error).toMatchObject({ code: "DRAIN_LIMIT", message: expect.stringContaining("loop 25") });
  expect(runs).toBe(25);
});

test("a job that snoozes for ever is told of, too", async () => {
  const loop = orderTask("snoozy", () => {
    throw new Snooze(HOUR_MS);
  });
  const jobs = createTestQueue({ pool, tasks: [loop] });
  await jobs.queue.enqueue(loop, { orderId: 1 });

  await expect(jobs.drain({ maxRuns: 3, withScheduled: true })).rejects.toThrow("snoozy 3");
});

test("exactly as many runs as are allowed are no error", async () => {
  const charge = orderTask("charge");
  const jobs = createTestQueue({ pool, tasks: [charge], worker: { concurrency: 4 } });
  for (let orderId = 0; orderId < 5; orderId += 1) await jobs.queue.enqueue(charge, { orderId });

  expect(await jobs.drain({ maxRuns: 5 })).toMatchObject({ completed: 5 });
});

test("only the queues that were named are drained, and paused queues and unknown types stay", async () => {
  const charge = orderTask("charge");
  const jobs = createTestQueue({ pool, tasks: [charge] });
  const first = await jobs.queue.enqueue(charge, { orderId: 1 }, { queue: "first" });
  const second = await jobs.queue.enqueue(charge, { orderId: 2 }, { queue: "second" });
  const mail = await jobs.queue.enqueue(charge, { orderId: 3 }, { queue: "mail" });
  await jobs.queue.enqueue("unknown", {}, { queue: "second" });
  await jobs.queue.pause("mail");
  const stateOf = async ({ id }: { id: string }) => (await jobs.queue.get(id)).state;

  expect(await jobs.drain({ queues: ["first"] })).toMatchObject({ completed: 1, withoutTask: [] });
  expect([await stateOf(first), await stateOf(second), await stateOf(mail)]).toEqual([
    "completed",
    "queued",
    "queued",
  ]);
  expect(await jobs.drain({ withScheduled: true })).toMatchObject({ completed: 1, withoutTask: ["unknown"] });
  expect(await stateOf(mail)).toBe("queued");
});

test("after the clock has passed the end of a lost worker's lease, its job runs again", async () => {
  const charge = orderTask("charge");
  const jobs = createTestQueue({ pool, tasks: [charge] });
  const { id } = await jobs.queue.enqueue(charge, { orderId: 1 });
  const claim = { workerId: "lost", queues: ["default"], limit: 1, leaseSeconds: 30 };
  expect(await jobs.queue.runs.claim(claim)).toHaveLength(1);

  expect(await jobs.drain()).toMatchObject({ completed: 0 });
  await jobs.advance(31_000);
  expect(await jobs.drain({ withScheduled: true })).toMatchObject({ completed: 1 });

  expect(await jobs.queue.get(id)).toMatchObject({ state: "completed", crashes: 1 });
});

test("options that nobody knows are refused", async () => {
  const jobs = createTestQueue({ pool, tasks: [] });

  await expect(jobs.drain({ withSchedule: true } as never)).rejects.toThrow("did you mean `withScheduled`?");
  await expect(jobs.drain({ maxRuns: 0 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  expect(() => createTestQueue({ pool, task: [] } as never)).toThrow("did you mean `tasks`?");
});
