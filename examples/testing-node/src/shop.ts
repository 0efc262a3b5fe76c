import { defineTask, Fatal, type Queue, RetryLater } from "@millrace/queue";
import { defineSchedule } from "@millrace/scheduler";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";

/** What takes money from cards. */
export interface Bank {
  take(card: string, cents: number): Promise<"taken" | "busy" | "refused">;
}

/** The tasks of the shop. They are made with what they need, so that a test can give them a bank of its own. */
export function shopTasks(pool: Pool, bank: Bank) {
  const sendReceipt = defineTask({
    name: "send-receipt",
    payload: z.object({ orderId: z.number().int() }),
    async run({ orderId }, { completeInTx }) {
      await inTransaction(pool, async (tx) => {
        await tx.query("UPDATE orders SET receipt_sent_at = now() WHERE id = $1", [orderId]);
        await completeInTx(tx);
      });
    },
  });

  const charge = defineTask({
    name: "charge",
    payload: z.object({ orderId: z.number().int(), card: z.string(), cents: z.number().int() }),
    async run({ orderId, card, cents }, context) {
      const answer = await bank.take(card, cents);
      if (answer === "busy") throw new RetryLater("The bank is busy.", { delayMs: 60_000 });
      if (answer === "refused") throw new Fatal("The card was refused.");
      await context.enqueue(sendReceipt, { orderId });
      return { cents };
    },
  });

  const countOrders = defineTask({
    name: "count-orders",
    payload: z.object({}),
    async run() {
      const { rows } = await pool.query("SELECT count(*)::int AS orders FROM orders");
      return { orders: Number(rows[0]?.orders) };
    },
  });

  const everyMorning = defineSchedule({
    name: "count-orders-every-morning",
    task: countOrders,
    payload: {},
    cron: "0 6 * * *",
    timezone: "Europe/Berlin",
  });

  /** Stores an order, and enqueues its charge in the same transaction. */
  async function placeOrder(tx: PoolClient, queue: Queue, order: { card: string; cents: number }) {
    const { rows } = await tx.query("INSERT INTO orders (cents) VALUES ($1) RETURNING id", [order.cents]);
    const orderId = Number(rows[0]?.id);
    await queue.enqueue(charge, { orderId, ...order }, { tx });
    return orderId;
  }

  return { tasks: [charge, sendReceipt, countOrders], charge, sendReceipt, everyMorning, placeOrder };
}

/** Runs `work` in a transaction, which is rolled back if `work` throws. */
export async function inTransaction<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  try {
    await tx.query("BEGIN");
    const result = await work(tx);
    await tx.query("COMMIT");
    return result;
  } catch (error) {
    await tx.query("ROLLBACK");
    throw error;
  } finally {
    tx.release();
  }
}

/** The shop's tables. */
export const SHOP_TABLES = `
  CREATE TABLE orders (
    id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    cents integer NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    receipt_sent_at timestamptz
  )`;
