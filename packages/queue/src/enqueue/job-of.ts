import type { EnqueueableTask } from "./enqueueable-task.ts";
import type { EnqueueOptions } from "./new-job.ts";

/** A job of a task, made by `jobOf` for `enqueueMany`. */
export interface TaskJob extends EnqueueOptions {
  readonly kind: "millrace.job";
  readonly task: EnqueueableTask<unknown>;
  readonly payload?: unknown;
}

/**
 * A job to be one of many: `enqueueMany([jobOf(sendReceipt, { orderId }), jobOf(audit, { orderId })])`. The payload is
 * typed by its task here, and checked by the task's schema when it is enqueued.
 */
export function jobOf<Input>(
  task: EnqueueableTask<Input>,
  payload: NoInfer<Input>,
  options: EnqueueOptions = {},
): TaskJob {
  return { ...options, kind: "millrace.job", task, ...(payload === undefined ? {} : { payload }) };
}
