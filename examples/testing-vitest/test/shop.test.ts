import { createTestQueue, runTask, tickJobs } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import type { Pool } from "pg";
import { beforeAll, expect, test, vi } from "vitest";
import { type Bank, inTransaction, shopTasks } from "../src/shop.ts";

const database = useTestDatabase();
const take = vi.fn<Bank["take"]>(async () => "taken");
let pool: Pool;
let shop: ReturnType<typeof shopTasks>;
beforeAll(() => {
  pool = database.pool();
  shop = shopTasks(pool, { take });
});

const ORDER = { card: "4242", cents: 4_200 };

test("one handler: a busy bank is asked again after a minute", async () => {
  take.mockResolvedValueOnce("busy");

  const run = await runTask(shop.charge, { orderId: 7, ...ORDER });

  expect(run).toMatchObject({ outcome: "retried", delayMs: 60_000, enqueued: [] });
});

test("one handler: a charge enqueues the receipt", async () => {
  const run = await runTask(shop.charge, { orderId: 7, ...ORDER });

  expect(run).toMatchObject({ outcome: "completed", output: { cents: 4_200 } });
  expect(run.enqueuedOf(shop.sendReceipt)).toMatchObject([{ payload: { orderId: 7 } }]);
});

test("what was enqueued: an order and its charge are one transaction", async () => {
  const jobs = createTestQueue({ pool, tasks: shop.tasks });

  await inTransaction(pool, async (tx) => {
    const orderId = await shop.placeOrder(tx, jobs.queue, ORDER);
    await jobs.expectEnqueued(shop.charge, { payload: { orderId, cents: 4_200 } }, { tx });
    throw new Error("the customer changed their mind");
  }).catch(() => undefined);

  await jobs.expectNotEnqueued(shop.charge);
});

test("drain: an order is charged, and its receipt sent", async () => {
  const jobs = createTestQueue({ pool, tasks: shop.tasks });
  const orderId = await inTransaction(pool, (tx) => shop.placeOrder(tx, jobs.queue, ORDER));

  const drained = await jobs.drain();

  expect(drained).toMatchObject({ completed: 2, failures: [] });
  const { rows } = await pool.query("SELECT receipt_sent_at FROM orders WHERE id = $1", [orderId]);
  expect(rows[0].receipt_sent_at).toBeInstanceOf(Date);
});

test("time: a busy bank delays the receipt by a minute, and the test does not wait", async () => {
  const jobs = createTestQueue({ pool, tasks: shop.tasks });
  take.mockResolvedValueOnce("busy");
  await inTransaction(pool, (tx) => shop.placeOrder(tx, jobs.queue, ORDER));

  expect(await jobs.drain()).toMatchObject({ retried: 1, completed: 0 });
  await jobs.advance(60_000);
  expect(await jobs.drain()).toMatchObject({ retried: 0, completed: 2 });
});

test("a schedule: which job its next tick makes", async () => {
  const [job] = await tickJobs(shop.everyMorning, { after: new Date("2027-03-27T12:00:00Z") });

  // Summer time begins on this morning.
  expect(job).toMatchObject({ type: "count-orders", tickAt: new Date("2027-03-28T04:00:00Z") });
});

test("a schedule: a week of mornings", async () => {
  const jobs = createTestQueue({ pool, tasks: shop.tasks, schedules: [shop.everyMorning] });
  await jobs.travelTo(new Date("2040-03-20T12:00:00Z"));

  const { ticks, failures } = await jobs.runUntil(new Date("2040-03-27T12:00:00Z"));

  expect(ticks).toHaveLength(7);
  expect(failures).toEqual([]);
});
