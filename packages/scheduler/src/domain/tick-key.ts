/**
 * Returns the idempotency key of a tick's job. The key is why schedulers need no leader: every scheduler that finds the
 * tick makes the same key, and the database keeps one job per key.
 */
export function tickKey(scheduleId: string, tick: Date): string {
  return `schedule:${scheduleId}:${tick.toISOString()}`;
}
