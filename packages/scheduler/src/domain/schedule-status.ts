import { type Cadence, timetableOf } from "./cadence.ts";
import { type RunLimit, runsLeft } from "./run-limit.ts";
import { type TickWindow, withinWindow } from "./tick-window.ts";

/**
 * Whether a schedule can run, and if not, why.
 * - `disabled`: the schedule is not enabled.
 * - `invalid`: the expression or the zone was written by hand, and cannot be parsed.
 * - `ended`: the ticks of the schedule have made its `maxRuns` jobs.
 * - `no-future`: the schedule has no further tick, for instance because its end has passed.
 * - `no-handler`: the schedule ticks, but no worker seen in the last minute has a task for its jobs.
 * - `ready`: none of these.
 */
export type ScheduleStatus = "ready" | "no-handler" | "no-future" | "ended" | "invalid" | "disabled";

/** The facts that decide a schedule's status. */
export interface StatusFacts extends Cadence, TickWindow, RunLimit {
  enabled: boolean;
  /** The tick to come, or a tick that is due and not accounted for yet. Null when no tick is known. */
  nextRunAt: Date | null;
  /** Whether a worker with a task for the schedule's jobs was seen in the last minute. */
  handled: boolean;
  /** The time by the database's clock. */
  now: Date;
}

/** Returns the status of a schedule. When several statuses apply, the first in the list of `ScheduleStatus` wins. */
export function scheduleStatus(facts: StatusFacts): ScheduleStatus {
  if (!facts.enabled) return "disabled";
  let future: Date | null;
  try {
    const timetable = withinWindow(timetableOf(facts), facts);
    future = facts.nextRunAt ?? timetable.next(facts.now);
  } catch {
    // Parsing fails only for a row that was written by hand. The scheduler reports the error.
    return "invalid";
  }
  if (runsLeft(facts) === 0) return "ended";
  if (future === null) return "no-future";
  return facts.handled ? "ready" : "no-handler";
}
