import { z } from "zod";
import { defineTask, jobOf, type Queue, type TaskContext } from "../../src/index.ts";

// Calls that the compiler refuses, each with a part of what it must say about it. `wrong-calls.test.ts` reads them.

const sendReceipt = defineTask({
  name: "send-receipt",
  payload: z.object({ orderId: z.string() }),
  run: () => undefined,
});

export const wrongCalls = (queue: Queue, context: TaskContext) => [
  queue.enqueue(sendReceipt, { orderId: 7 }), // says: Type 'number' is not assignable to type 'string'
  queue.enqueue(sendReceipt, {}), // says: Property 'orderId' is missing
  queue.enqueue(sendReceipt, { orderId: "7", lang: "en" }), // says: 'lang' does not exist in type '{ orderId: string; }'
  queue.enqueue(sendReceipt, { orderId: "7" }, { delay: 5 }), // says: Did you mean to write 'delayMs'?
  queue.enqueue(sendReceipt, { orderId: "7" }, { tx: 5 }), // says: Type 'number' is not assignable to type 'Queryable | undefined'
  context.enqueue(sendReceipt, { orderId: 7 }), // says: Type 'number' is not assignable to type 'string'
  jobOf(sendReceipt, { orderId: 7 }), // says: Type 'number' is not assignable to type 'string'
  jobOf(sendReceipt, { orderId: "7" }, { delay: 5 }), // says: Did you mean to write 'delayMs'?
  queue.enqueueMany([jobOf(sendReceipt, { order: "7" })]), // says: 'order' does not exist in type '{ orderId: string; }'
  queue.enqueueMany([{ type: "t", delay: 5 }]), // says: Did you mean to write 'delayMs'?
  queue.enqueueMany([{ task: sendReceipt, payload: { orderId: 7 } }]), // says: Property 'kind' is missing
  queue.deleteMany({ typ: "t" }), // says: Did you mean to write 'type'?
  queue.deleteMany({ all: false }), // says: Type 'false' is not assignable to type 'true'
  queue.list({ queue: undefined }), // says: Type 'undefined' is not assignable to type 'string'
];
