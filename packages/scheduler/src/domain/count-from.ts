/** What of a schedule decides from where its next tick is counted after a change. */
export interface Counted {
  cron: string;
  timezone: string;
  /** The tick to come, or one that is due and not accounted for yet. */
  nextRunAt: Date | null;
}

/**
 * The instant after which the next tick is looked for when a schedule's timing was changed. A new window does not lose
 * ticks that are due and not accounted for yet; a new cadence begins now.
 */
export function countFrom(before: Counted, after: Pick<Counted, "cron" | "timezone">, now: Date): Date {
  const { nextRunAt } = before;
  const keepsCadence = after.cron === before.cron && after.timezone === before.timezone;
  const isOverdue = nextRunAt !== null && nextRunAt <= now;
  return keepsCadence && isOverdue ? new Date(nextRunAt.getTime() - 1) : now;
}
