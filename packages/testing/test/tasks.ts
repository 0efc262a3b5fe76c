import { defineTask, type TaskContext } from "@millrace/queue";
import { z } from "zod";

/** The payload of the tasks of these tests. */
export const ORDER = z.object({ orderId: z.number() });

/** A task whose handler is the test's. */
export function orderTask(
  name: string,
  run: (payload: { orderId: number }, context: TaskContext) => unknown = () => undefined,
) {
  return defineTask({ name, payload: ORDER, backoff: { jitterMs: 0 }, run });
}
