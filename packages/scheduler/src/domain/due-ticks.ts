import type { MisfirePolicy, OverlapPolicy } from "@millrace/schema/values";
import type { Timetable } from "./next-tick.ts";

/**
 * A tick found later than this is a misfire, in ms. The scheduler looks at least every 15 s, so that a normal beat,
 * a slow transaction and a restart all stay below it.
 */
export const MISFIRE_GRACE_MS = 60_000;

/**
 * How many ticks found at once are accounted for one by one: the most recent ones. The policy `all` makes at most so
 * many jobs, and a schedule keeps as many outcomes.
 */
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

/** A due tick, and whether it makes a job or which policy leaves it out. */
export interface DueTick {
  tickAt: Date;
  verdict: "fire" | "misfire-skipped" | "overlap-skipped";
}

/** What to do about a schedule. */
export interface DueTicks {
  /** The due ticks, rising; of more than `MISFIRE_CAP`, the most recent. */
  ticks: DueTick[];
  /** The tick to come, strictly after now; null when there is none. */
  nextRunAt: Date | null;
  /** The latest tick that is accounted for, whether it makes a job or not; null when none was due. */
  lastTick: Date | null;
  /** Whether a due tick was found late, or makes no job because a later one was due as well. */
  misfired: boolean;
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
    return { ticks: [], nextRunAt: next, lastTick: null, misfired: false };
  }
  const { recent, next } = ticksUntil(timetable, nextRunAt, now);
  const last = recent.length - 1;
  const fires = (index: number) => firesByMisfire(schedule.misfire, { index, last, recent, now });
  const overlaps = (index: number) => schedule.overlap === "skip" && (schedule.active || index < last);
  const ticks = recent.map((tickAt, index): DueTick => {
    const verdict = !fires(index) ? "misfire-skipped" : overlaps(index) ? "overlap-skipped" : "fire";
    return { tickAt, verdict };
  });
  return {
    ticks,
    nextRunAt: next,
    lastTick: recent[last] ?? nextRunAt,
    misfired: isMisfire(nextRunAt, now) || ticks.some((tick) => tick.verdict === "misfire-skipped"),
  };
}

interface Place {
  index: number;
  last: number;
  recent: readonly Date[];
  now: Date;
}

function firesByMisfire(policy: MisfirePolicy, { index, last, recent, now }: Place): boolean {
  switch (policy) {
    case "latest":
      return index === last;
    case "skip":
      return index === last && !isMisfire(recent[index] ?? now, now);
    case "all":
      return true;
    default:
      return policy satisfies never;
  }
}

function isMisfire(tick: Date, now: Date): boolean {
  return now.getTime() - tick.getTime() > MISFIRE_GRACE_MS;
}

/** The ticks from `first` to `now`, rising, at most `MISFIRE_CAP` of them, and the one that comes after now. */
function ticksUntil(
  timetable: Timetable,
  first: Date,
  now: Date,
): { recent: readonly Date[]; next: Date | null } {
  const recent = [first];
  let tick = timetable.next(first);
  for (; tick !== null && tick <= now; tick = timetable.next(tick)) {
    // Years of missed seconds are not walked through: it is begun again, from the other end.
    if (recent.length === MISFIRE_CAP) {
      return { recent: ticksBackward(timetable, first, now), next: timetable.next(now) };
    }
    recent.push(tick);
  }
  return { recent, next: tick };
}

function ticksBackward(timetable: Timetable, first: Date, now: Date): Date[] {
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
