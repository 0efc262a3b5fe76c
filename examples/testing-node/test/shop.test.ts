import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestQueue, runTask } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/node";
import { Client } from "pg";
import { type Bank, inTransaction, SHOP_TABLES, shopTasks } from "../src/shop.ts";

const database = await useTestDatabase({
  async prepare(url) {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(SHOP_TABLES);
    await client.end();
  },
});

const ORDER = { card: "4242", cents: 4_200 };
const answers: ("busy" | "refused")[] = [];
const bank: Bank = { take: async () => answers.shift() ?? "taken" };

const pool = database.pool();
const shop = shopTasks(pool, bank);
const jobs = createTestQueue({ pool, tasks: shop.tasks, schedules: [shop.everyMorning] });

test("one handler: a refused card fails the job for good", async () => {
  answers.push("refused");

  const run = await runTask(shop.charge, { orderId: 7, ...ORDER });

  assert.equal(run.outcome, "failed");
  assert.match(run.error, /The card was refused/);
});

test("one handler: a receipt is completed in its own transaction", async () => {
  const run = await runTask(shop.sendReceipt, { orderId: 7 }, { db: pool });

  assert.equal(run.outcome, "completed");
});

test("drain: an order is charged, and its receipt sent", async () => {
  const orderId = await inTransaction(pool, (tx) => shop.placeOrder(tx, jobs.queue, ORDER));

  const drained = await jobs.drain();

  assert.deepEqual(drained.failures, []);
  const [receipt] = await jobs.expectEnqueued(shop.sendReceipt, { payload: { orderId } });
  assert.equal(receipt?.state, "completed");
});

test("time: a busy bank delays the charge by a minute, and the test does not wait", async () => {
  answers.push("busy");
  await inTransaction(pool, (tx) => shop.placeOrder(tx, jobs.queue, ORDER));

  const { retried, completed } = await jobs.drain({ withScheduled: true });

  assert.deepEqual({ retried, completed }, { retried: 1, completed: 2 });
});

test("a schedule: a week of mornings", async () => {
  await jobs.travelTo(new Date("2040-03-20T12:00:00Z"));

  const { ticks } = await jobs.runUntil(new Date("2040-03-27T12:00:00Z"));

  assert.equal(ticks.length, 7);
});
