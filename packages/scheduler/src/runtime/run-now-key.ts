import { randomUUID } from "node:crypto";

/** The idempotency key of a job that was asked for now: beside the ticks' keys, and never the same twice. */
export function runNowKey(scheduleId: string): string {
  return `schedule:${scheduleId}:now:${randomUUID()}`;
}
