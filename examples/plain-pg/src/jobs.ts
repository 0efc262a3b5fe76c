import { defineTask } from "@millrace/queue";
import type { Pool } from "pg";
import { z } from "zod";

/** Sends a receipt, and records it in the same transaction that completes the job: exactly once. */
export const sendReceipt = (pool: Pool) =>
  defineTask({
    name: "send-receipt",
    payload: z.object({ orderId: z.number() }),
    timeoutMs: 30_000,
    async run({ orderId }, { completeInTx }) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        await client.query("INSERT INTO receipts (order_id) VALUES ($1)", [orderId]);
        await completeInTx(client, { orderId });
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      } finally {
        client.release();
      }
    },
  });
