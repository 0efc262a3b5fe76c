/** The fields of a schedule that decide from which instant the next tick is counted after a change. */
export interface Counted {
  cron: string;
  timezone: string;
  /** The tick to come, or a tick that is due and not accounted for yet. Null when no tick is known. */
  nextRunAt: Date | null;
}

/**
 * Returns the instant after which to look for the next tick of a schedule whose timing was changed.
 * - A new `cron` or `timezone` counts from `now`.
 * - A new window alone loses no due tick: while the next tick is overdue, the count begins just before this tick.
 */
export function countFrom(before: Counted, after: Pick<Counted, "cron" | "timezone">, now: Date): Date {
  const { nextRunAt } = before;
  const keepsCadence = after.cron === before.cron && after.timezone === before.timezone;
  const isOverdue = nextRunAt !== null && nextRunAt <= now;
  return keepsCadence && isOverdue ? new Date(nextRunAt.getTime() - 1) : now;
}
