import { z } from "zod";
import { defineTask, jobOf, type Queue, type TaskContext } from "../../src/index.ts";

// Calls that the compiler refuses. Above each call stands a part of what the compiler must say about the call.
// `wrong-calls.test.ts` reads them.

const sendReceipt = defineTask({
  name: "send-receipt",
  payload: z.object({ orderId: z.string() }),
  run: () => undefined,
});

export const wrongCalls = (queue: Queue, context: TaskContext) => [
  // says: Type 'number' is not assignable to type 'string'
  queue.enqueue(sendReceipt, { orderId: 7 }),
  // says: Property 'orderId' is missing
  queue.enqueue(sendReceipt, {}),
  // says: 'lang' does not exist in type '{ orderId: string; }'
  queue.enqueue(sendReceipt, { orderId: "7", lang: "en" }),
  // says: Did you mean to write 'delayMs'?
  queue.enqueue(sendReceipt, { orderId: "7" }, { delay: 5 }),
  // says: Type 'number' is not assignable to type 'Queryable | undefined'
  queue.enqueue(sendReceipt, { orderId: "7" }, { tx: 5 }),
  // says: Type 'number' is not assignable to type 'string'
  context.enqueue(sendReceipt, { orderId: 7 }),
  // says: Type 'number' is not assignable to type 'string'
  jobOf(sendReceipt, { orderId: 7 }),
  // says: Did you mean to write 'delayMs'?
  jobOf(sendReceipt, { orderId: "7" }, { delay: 5 }),
  // says: 'order' does not exist in type '{ orderId: string; }'
  queue.enqueueMany([jobOf(sendReceipt, { order: "7" })]),
  // says: Did you mean to write 'delayMs'?
  queue.enqueueMany([{ type: "t", delay: 5 }]),
  // says: Property 'kind' is missing
  queue.enqueueMany([{ task: sendReceipt, payload: { orderId: 7 } }]),
  // says: Did you mean to write 'type'?
  queue.deleteMany({ typ: "t" }),
  // says: Type 'false' is not assignable to type 'true'
  queue.deleteMany({ all: false }),
  // says: Type 'undefined' is not assignable to type 'string'
  queue.list({ queue: undefined }),
];
