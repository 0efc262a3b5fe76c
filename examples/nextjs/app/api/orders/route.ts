import { createQueue } from "@millrace/queue";
import { pool } from "../../../lib/pool.ts";
import { sendReceipt } from "../../../lib/send-receipt.ts";

const queue = createQueue(pool);

/** Enqueues the receipt of an order. `enqueue` checks the payload by the task's schema. */
export async function POST(request: Request): Promise<Response> {
  const order = (await request.json()) as { email: string; total: number };
  const { id } = await queue.enqueue(sendReceipt, order);
  return Response.json({ jobId: id }, { status: 202 });
}
