/**
 * The idempotency key of a tick's job: the reason why no leader is needed. Whoever finds the tick makes the same
 * key, and the database keeps one job per key.
 */
export function tickKey(scheduleId: string, tick: Date): string {
  return `schedule:${scheduleId}:${tick.toISOString()}`;
}
