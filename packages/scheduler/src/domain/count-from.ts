import { type Cadence, isSameCadence } from "./cadence.ts";

/** The fields of a schedule that decide from which instant the next tick is counted after a change. */
export interface Counted extends Cadence {
  /** The tick to come, or a tick that is due and not accounted for yet. Null when no tick is known. */
  nextRunAt: Date | null;
}

/**
 * Returns the instant after which to look for the next tick of a schedule whose timing was changed.
 * - A new `cron`, `timezone`, `everyMs` or `anchor` counts from `now`.
 * - A new window or `maxRuns` alone loses no due tick: while the next tick is overdue, the count begins just before
 *   this tick.
 */
export function countFrom(before: Counted, after: Cadence, now: Date): Date {
  const { nextRunAt } = before;
  const isOverdue = nextRunAt !== null && nextRunAt <= now;
  return isSameCadence(before, after) && isOverdue ? new Date(nextRunAt.getTime() - 1) : now;
}
