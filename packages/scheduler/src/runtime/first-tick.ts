import { neverFires } from "../domain/cron.ts";
import { parseTimetable } from "../domain/next-tick.ts";
import { type TickWindow, withinWindow } from "../domain/tick-window.ts";
import { InvalidScheduleError } from "../errors.ts";

/** The fields of a schedule that decide when the schedule ticks. */
export interface Timing extends TickWindow {
  cron: string;
  timezone: string;
}

/**
 * Returns the first tick strictly after an instant. Throws, besides the errors of `parseTimetable`:
 * - `InvalidCronError` when the expression has no further tick,
 * - `InvalidScheduleError` when only the end of the window leaves no tick.
 */
export function firstTick(timing: Timing, after: Date): Date {
  const timetable = parseTimetable(timing.cron, timing.timezone);
  const tick = withinWindow(timetable, timing).next(after);
  if (tick !== null) return tick;
  const endless = withinWindow(timetable, { startsAt: timing.startsAt, endsAt: null }).next(after);
  if (endless === null || timing.endsAt === null) throw neverFires(timing.cron);
  throw new InvalidScheduleError("endsAt", {
    reason:
      `leaves no tick: without it the next one would be ${endless.toISOString()}, ` +
      `and the window ends at ${timing.endsAt.toISOString()}`,
    example: new Date(endless.getTime() + 86_400_000).toISOString(),
  });
}
