import type { Timetable } from "./next-tick.ts";

/** When a schedule ticks at all: not before `startsAt`, and not at or after `endsAt`. Null: no bound. */
export interface TickWindow {
  startsAt: Date | null;
  endsAt: Date | null;
}

/** The ticks of a timetable that lie in a window. */
export function withinWindow(timetable: Timetable, { startsAt, endsAt }: TickWindow): Timetable {
  if (startsAt === null && endsAt === null) return timetable;
  return {
    next(after) {
      // A tick may come at the very start, and is found strictly after the instant that is asked from.
      const from = startsAt !== null && startsAt > after ? new Date(startsAt.getTime() - 1) : after;
      const tick = timetable.next(from);
      return tick === null || (endsAt !== null && tick >= endsAt) ? null : tick;
    },
  };
}
