import { randomUUID } from "node:crypto";

/**
 * Returns the idempotency key of a job that `runNow` enqueues. No tick has such a key, and no two keys are the same.
 */
export function runNowKey(scheduleId: string): string {
  return `schedule:${scheduleId}:now:${randomUUID()}`;
}
