import type { EnqueueableTask } from "./enqueueable-task.ts";
import type { EnqueueOptions } from "./new-job.ts";

/** A job of a task, made by `jobOf` for `enqueueMany`. */
export interface TaskJob extends EnqueueOptions {
  readonly kind: "millrace.job";
  readonly task: EnqueueableTask<unknown>;
  readonly payload?: unknown;
}

/**
 * Makes a job of a task for `enqueueMany`. The compiler checks the payload against the task. The task's schema checks
 * the payload when the job is enqueued.
 *
 * @example
 * await queue.enqueueMany([jobOf(sendReceipt, { orderId: 7 }), jobOf(audit, { orderId: 7 }, { priority: 10 })]);
 */
export function jobOf<Input>(
  task: EnqueueableTask<Input>,
  payload: NoInfer<Input>,
  options: EnqueueOptions = {},
): TaskJob {
  return { ...options, kind: "millrace.job", task, ...(payload === undefined ? {} : { payload }) };
}
