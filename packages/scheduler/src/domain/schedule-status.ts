import { parseTimetable } from "./next-tick.ts";
import { type TickWindow, withinWindow } from "./tick-window.ts";

/**
 * Whether a schedule can run, and if not, why.
 * - `disabled`: it was told not to.
 * - `invalid`: its expression or zone, written by hand, cannot be read.
 * - `no-future`: it has no further tick, for instance because its end has passed.
 * - `no-handler`: it ticks, and no worker seen in the last minute has a task for its jobs.
 * - `ready`: none of these.
 */
export type ScheduleStatus = "ready" | "no-handler" | "no-future" | "invalid" | "disabled";

/** What decides a schedule's status. */
export interface StatusFacts extends TickWindow {
  enabled: boolean;
  cron: string;
  timezone: string;
  /** The tick to come, or one that is due and not accounted for yet; null when none is known. */
  nextRunAt: Date | null;
  /** Whether a worker with a task for its jobs was seen in the last minute. */
  handled: boolean;
  /** By the database's clock. */
  now: Date;
}

/** The status of a schedule. The first reason of the list above wins. */
export function scheduleStatus(facts: StatusFacts): ScheduleStatus {
  if (!facts.enabled) return "disabled";
  let future: Date | null;
  try {
    const timetable = withinWindow(parseTimetable(facts.cron, facts.timezone), facts);
    future = facts.nextRunAt ?? timetable.next(facts.now);
  } catch {
    // Only a row written by hand gets here; the scheduler tells of the error itself.
    return "invalid";
  }
  if (future === null) return "no-future";
  return facts.handled ? "ready" : "no-handler";
}
