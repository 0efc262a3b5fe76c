import type { Timetable } from "./next-tick.ts";

/** When a schedule ticks: not before `startsAt`, and not at or after `endsAt`. Null means no bound. */
export interface TickWindow {
  startsAt: Date | null;
  endsAt: Date | null;
}

/** Returns a timetable of only the ticks in a window. */
export function withinWindow(timetable: Timetable, { startsAt, endsAt }: TickWindow): Timetable {
  if (startsAt === null && endsAt === null) return timetable;
  return {
    next(after) {
      // `next` finds ticks strictly after an instant. The search begins 1 ms before the start, so that a tick at the
      // start counts.
      const from = startsAt !== null && startsAt > after ? new Date(startsAt.getTime() - 1) : after;
      const tick = timetable.next(from);
      return tick === null || (endsAt !== null && tick >= endsAt) ? null : tick;
    },
  };
}
