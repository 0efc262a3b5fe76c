import { createWorker } from "@millrace/queue";
import { createSchedules, reconcileSchedules } from "@millrace/scheduler";
import { useTestDatabase } from "@millrace/testing/vitest";
import type { Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../src/create-app.ts";
import { CREATE_ORDERS } from "../src/tables.ts";

const TOKEN = "a-token-of-this-test";
const database = useTestDatabase();
let pool: Pool;
let shop: ReturnType<typeof createApp>;
beforeAll(async () => {
  pool = database.pool();
  await pool.query(CREATE_ORDERS);
  shop = createApp(pool, TOKEN);
});
afterAll(() => shop.close());

test("an order is paid by its job", async () => {
  const answer = await shop.app.request("/orders", {
    method: "POST",
    body: JSON.stringify({ total: 4_200 }),
  });
  const { orderId, jobId } = (await answer.json()) as { orderId: number; jobId: string };

  expect(answer.status).toBe(201);
  await createWorker({ db: pool, tasks: shop.jobs.tasks }).runUntilEmpty();
  expect(await shop.queue.get(jobId)).toMatchObject({ state: "completed" });
  expect((await pool.query("SELECT id, paid FROM orders")).rows).toEqual([{ id: orderId, paid: true }]);
});

test("the declared schedule is there", async () => {
  await reconcileSchedules(pool, shop.jobs.schedules);

  expect(await createSchedules(pool).list()).toMatchObject([{ name: "count-unpaid-every-morning" }]);
});

test("the dashboard answers whoever has the token", async () => {
  const ask = (headers: Record<string, string>) =>
    shop.app.request("http://localhost/ops/api/queues", { headers });

  expect((await ask({})).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${TOKEN}` })).status).toBe(200);
});
