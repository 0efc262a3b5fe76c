import { createQueue, createWorker } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testing/vitest";
import { beforeAll, expect, test } from "vitest";
import { sendReceipt } from "../src/jobs.ts";
import { placeOrder, type Shop } from "../src/place-order.ts";
import { TABLES } from "../src/tables.ts";

const database = useTestDatabase();
let shop: Shop;
beforeAll(async () => {
  const pool = database.pool();
  await pool.query(TABLES);
  shop = { pool, queue: createQueue(pool), sendReceipt: sendReceipt(pool) };
});

test("an order gets its receipt", async () => {
  const orderId = await placeOrder(shop, 4_200);

  const counts = await createWorker({ db: shop.pool, tasks: [shop.sendReceipt] }).runUntilEmpty();

  expect(counts).toMatchObject({ completed: 1, failed: 0 });
  const { rows } = await shop.pool.query("SELECT order_id FROM receipts");
  expect(rows).toEqual([{ order_id: orderId }]);
});

test("an order that is refused leaves no job", async () => {
  await expect(placeOrder(shop, -1)).rejects.toThrow(/orders_total_check/);

  expect(await shop.queue.list({ state: "queued" })).toEqual([]);
});
