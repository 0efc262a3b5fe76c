import type { MisfirePolicy, OverlapPolicy } from "@millrace/schema";
import type { Timetable } from "./next-tick.ts";

/**
 * A tick found later than this is a misfire, in ms. The scheduler looks at least every 15 s, so that a normal beat,
 * a slow transaction and a restart all stay below it.
 */
export const MISFIRE_GRACE_MS = 60_000;

/** How many jobs the policy `all` makes at most for ticks found at once: the most recent ones. */
export const MISFIRE_CAP = 100;

/** A schedule as the scheduler found it. */
export interface FoundSchedule {
  timetable: Timetable;
  /** The tick to come; null means it is to be computed from now. */
  nextRunAt: Date | null;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  /** Whether a job of the schedule is queued or running. */
  active: boolean;
}

/** What to do about a schedule. */
export interface DueTicks {
  /** The ticks to enqueue a job for, rising. */
  ticks: Date[];
  /** The tick to come, strictly after now; null when the expression never fires again. */
  nextRunAt: Date | null;
  /** The latest tick that is accounted for, whether it makes a job or not; null when none was due. */
  lastTick: Date | null;
  /** Whether a due tick was found late. */
  misfired: boolean;
  /** Whether a tick made no job because of the overlap policy. */
  overlapped: boolean;
}

/**
 * Decides which due ticks make a job.
 * - `latest`: the most recent one, however late.
 * - `skip`: the most recent one unless it is a misfire.
 * - `all`: each, but of more than `MISFIRE_CAP` only the most recent.
 * With overlap `skip`, none while a job of the schedule is active, and otherwise at most one, the most recent.
 */
export function dueTicks(schedule: FoundSchedule, now: Date): DueTicks {
  const { timetable, nextRunAt } = schedule;
  if (nextRunAt === null || nextRunAt > now) {
    const next = nextRunAt ?? timetable.next(now);
    return { ticks: [], nextRunAt: next, lastTick: null, misfired: false, overlapped: false };
  }
  const lastTick = latestTick(timetable, nextRunAt, now) ?? nextRunAt;
  const fired = firedTicks(schedule, { first: nextRunAt, last: lastTick, now });
  const ticks = schedule.overlap === "allow" ? fired : schedule.active ? [] : fired.slice(-1);
  return {
    ticks,
    nextRunAt: timetable.next(now),
    lastTick,
    misfired: isMisfire(nextRunAt, now),
    overlapped: ticks.length < fired.length,
  };
}

function firedTicks(
  { timetable, misfire }: FoundSchedule,
  due: { first: Date; last: Date; now: Date },
): Date[] {
  switch (misfire) {
    case "latest":
      return [due.last];
    case "skip":
      return isMisfire(due.last, due.now) ? [] : [due.last];
    case "all":
      return recentTicks(timetable, due.first, due.now);
    default:
      return misfire satisfies never;
  }
}

function isMisfire(tick: Date, now: Date): boolean {
  return now.getTime() - tick.getTime() > MISFIRE_GRACE_MS;
}

/** The ticks from `first` to `now`, rising, at most `MISFIRE_CAP`. */
function recentTicks(timetable: Timetable, first: Date, now: Date): Date[] {
  const ticks = [first];
  for (let tick = timetable.next(first); tick !== null && tick <= now; tick = timetable.next(tick)) {
    ticks.push(tick);
    // Years of missed seconds are not walked through: it is begun again, from the other end.
    if (ticks.length > MISFIRE_CAP) return recentTicksBackward(timetable, first, now);
  }
  return ticks;
}

function recentTicksBackward(timetable: Timetable, first: Date, now: Date): Date[] {
  const ticks: Date[] = [];
  let tick = latestTick(timetable, first, now);
  while (tick !== null && ticks.length < MISFIRE_CAP) {
    ticks.push(tick);
    tick = latestTick(timetable, first, new Date(tick.getTime() - 1));
  }
  return ticks.reverse();
}

/**
 * The latest tick after `after` and not after `until`, or null. Steps back from `until` by doubling distances until
 * a tick follows, then halves: the cost grows with the distance to that tick, not with the number of ticks.
 */
function latestTick(timetable: Timetable, after: Date, until: Date): Date | null {
  const tickFrom = (instant: number): Date | null => {
    const tick = timetable.next(new Date(instant));
    return tick !== null && tick <= until ? tick : null;
  };
  const earliest = after.getTime();
  let empty = until.getTime();
  let filled = empty;
  let found: Date | null = null;
  for (let distance = 1_000; found === null; distance *= 2) {
    if (filled <= earliest) return null;
    empty = filled;
    filled = Math.max(earliest, until.getTime() - distance);
    found = tickFrom(filled);
  }
  // Ticks are whole seconds apart, so a second that a tick follows holds no other.
  while (empty - filled > 1_000) {
    const middle = Math.floor((empty + filled) / 2);
    const tick = tickFrom(middle);
    if (tick === null) empty = middle;
    else {
      found = tick;
      filled = middle;
    }
  }
  return found;
}
