import { createQueue } from "@millrace/queue";
import { createScheduler, reconcileSchedules, type TickResult } from "@millrace/scheduler";
import type { TestQueueParts } from "../queue/test-queue-options.ts";

/** Writes the declared schedules to the database, as a worker does when it starts. */
export async function declareSchedules({ pool, schedules }: TestQueueParts): Promise<void> {
  if (schedules.length > 0) await reconcileSchedules(pool, schedules);
}

/** Fires the schedules that are due now, as a scheduler does. */
export function tick({ pool }: TestQueueParts): Promise<TickResult> {
  return createScheduler({ pool, queue: createQueue(pool) }).tickOnce();
}
