import type { EnqueueableTask } from "./enqueueable-task.ts";
import type { EnqueueOptions } from "./new-job.ts";

/** A job of a task, made by `jobOf` for `enqueueMany`. */
export interface TaskJob extends EnqueueOptions {
  readonly kind: "millrace.job";
  readonly task: EnqueueableTask<unknown>;
  readonly payload?: unknown;
}

/**
 * A job for a bulk: `enqueueMany([jobOf(sendReceipt, { orderId }), jobOf(audit, { orderId })])`. The task gives the
 * payload its type here, and the task's schema checks the payload at the enqueue.
 */
export function jobOf<Input>(
  task: EnqueueableTask<Input>,
  payload: NoInfer<Input>,
  options: EnqueueOptions = {},
): TaskJob {
  return { ...options, kind: "millrace.job", task, ...(payload === undefined ? {} : { payload }) };
}
