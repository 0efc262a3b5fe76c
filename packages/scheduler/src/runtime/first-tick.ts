import { type Cadence, timetableOf } from "../domain/cadence.ts";
import { neverFires } from "../domain/cron.ts";
import { type RunLimit, runsLeft } from "../domain/run-limit.ts";
import { type TickWindow, withinWindow } from "../domain/tick-window.ts";
import { InvalidScheduleError } from "../errors.ts";

/** The fields of a schedule that decide when the schedule ticks. */
export interface Timing extends Cadence, TickWindow, RunLimit {}

/**
 * Returns the first tick strictly after an instant. Null: there is none, or the ticks have made all jobs they may make.
 * Throws `InvalidCronError`, `UnknownTimeZoneError`.
 */
export function findTick(timing: Timing, after: Date): Date | null {
  return runsLeft(timing) === 0 ? null : withinWindow(timetableOf(timing), timing).next(after);
}

/**
 * Returns the first tick strictly after an instant. Throws, besides the errors of `findTick`:
 * - `InvalidCronError` when the expression has no further tick,
 * - `InvalidScheduleError` when only `maxRuns` or the window leaves no tick.
 */
export function firstTick(timing: Timing, after: Date): Date {
  const tick = findTick(timing, after);
  if (tick !== null) return tick;
  const { cron, startsAt, endsAt, runs } = timing;
  if (runsLeft(timing) === 0) {
    throw new InvalidScheduleError("maxRuns", {
      reason: `leaves no tick: the schedule has ended after ${runs} runs`,
      example: `${runs + 1}, or null`,
    });
  }
  const endless = findTick({ ...timing, endsAt: null }, after);
  if (endless !== null && endsAt !== null) {
    throw new InvalidScheduleError("endsAt", {
      reason:
        `leaves no tick: without it the next one would be ${endless.toISOString()}, ` +
        `and the window ends at ${endsAt.toISOString()}`,
      example: new Date(endless.getTime() + 86_400_000).toISOString(),
    });
  }
  const ever = findTick({ ...timing, startsAt: null, endsAt: null }, after);
  if (cron !== null && (startsAt === null || ever === null)) throw neverFires(cron);
  throw new InvalidScheduleError(startsAt === null ? "anchor" : "startsAt", {
    reason: "leaves no tick before the year 10000",
    example: "null",
  });
}
