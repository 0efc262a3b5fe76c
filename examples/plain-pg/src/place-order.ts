import type { Queue, Task } from "@millrace/queue";
import type { Pool } from "pg";

/** What an order needs. */
export interface Shop {
  readonly pool: Pool;
  readonly queue: Queue;
  readonly sendReceipt: Task<{ orderId: number }>;
}

/** Writes an order and enqueues its receipt. Both commit, or neither. Returns the order's number. */
export async function placeOrder({ pool, queue, sendReceipt }: Shop, total: number): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<{ id: number }>(
      "INSERT INTO orders (total) VALUES ($1) RETURNING id",
      [total],
    );
    const orderId = rows[0]?.id ?? 0;
    await queue.enqueue(sendReceipt, { orderId }, { tx: client });
    await client.query("COMMIT");
    return orderId;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}
