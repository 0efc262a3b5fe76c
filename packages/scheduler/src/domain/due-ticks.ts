import type { MisfirePolicy, OverlapPolicy } from "@millrace/schema/values";
import type { Timetable } from "./next-tick.ts";

/**
 * How late a scheduler may find a tick, in ms, before the tick counts as a misfire.
 * A scheduler looks for due schedules at least every 15 s, so that a normal round, a slow transaction and a restart
 * stay below the limit.
 */
export const MISFIRE_GRACE_MS = 60_000;

/**
 * Of ticks found at once, at most this many are recorded one by one: the most recent ticks. So the policy `all` makes
 * at most this many jobs at once.
 */
export const MISFIRE_CAP = 100;

/** The parts of a schedule that decide about its due ticks, as the scheduler found them. */
export interface FoundSchedule {
  timetable: Timetable;
  /** The next tick. Null: the scheduler computes the tick from now. */
  nextRunAt: Date | null;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  /** Whether a job of the schedule is queued or running. */
  active: boolean;
  /** How many jobs the ticks may still make. Null: any number. */
  runsLeft: number | null;
  /** Whether the next tick is the run at the schedule's creation. */
  firstRun: boolean;
}

/** A due tick with its verdict: the tick makes a job, or a policy skips the tick. */
export interface DueTick {
  tickAt: Date;
  verdict: "fire" | "misfire-skipped" | "overlap-skipped";
}

/** The decision about a schedule. */
export interface DueTicks {
  /** The due ticks in rising order. Of more than `MISFIRE_CAP` due ticks, the most recent ones. */
  ticks: DueTick[];
  /** The next tick strictly after now. Null when there is none, and when the ticks have made all jobs they may make. */
  nextRunAt: Date | null;
  /** The latest tick that is accounted for, with or without a job. Null when no tick was due. */
  lastTick: Date | null;
  /** Whether the first due tick is a misfire, or the misfire policy skipped a due tick. */
  misfired: boolean;
}

/**
 * Decides which due ticks make a job. The misfire policy comes first:
 * - `latest`: the most recent tick, however late.
 * - `skip`: the most recent tick, unless this tick is a misfire.
 * - `all`: every tick; of more than `MISFIRE_CAP` ticks, the most recent ones.
 * The run at the creation fires however late, so that it is never lost.
 * Then the overlap policy `skip`: no tick while a job of the schedule is active, otherwise only the most recent tick
 * that fires. The ticks end with the tick that makes the last of the jobs that the schedule may make.
 */
export function dueTicks(schedule: FoundSchedule, now: Date): DueTicks {
  const { timetable, nextRunAt } = schedule;
  if (schedule.runsLeft === 0) return { ticks: [], nextRunAt: null, lastTick: null, misfired: false };
  if (nextRunAt === null || nextRunAt > now) {
    const next = nextRunAt ?? timetable.next(now);
    return { ticks: [], nextRunAt: next, lastTick: null, misfired: false };
  }
  const { recent: found, next } = ticksUntil(timetable, nextRunAt, now);
  // The run at the creation is one of the ticks even if there are too many to keep all.
  const recent = schedule.firstRun ? found.with(0, nextRunAt) : found;
  const last = recent.length - 1;
  const fires = recent.map(
    (_, index) =>
      (schedule.firstRun && index === 0) || firesByMisfire(schedule.misfire, { index, last, recent, now }),
  );
  const lastFire = fires.lastIndexOf(true);
  const overlaps = (index: number) => schedule.overlap === "skip" && (schedule.active || index < lastFire);
  const decided = recent.map((tickAt, index): DueTick => {
    const verdict = !fires[index] ? "misfire-skipped" : overlaps(index) ? "overlap-skipped" : "fire";
    return { tickAt, verdict };
  });
  const { ticks, ended } = withinRuns(decided, schedule.runsLeft);
  return {
    ticks,
    nextRunAt: ended ? null : next,
    lastTick: ticks.at(-1)?.tickAt ?? nextRunAt,
    misfired: isMisfire(nextRunAt, now) || ticks.some((tick) => tick.verdict === "misfire-skipped"),
  };
}

/** Returns the ticks up to the one that makes the last job, and whether that tick is among the ticks. */
function withinRuns(ticks: DueTick[], runsLeft: number | null): { ticks: DueTick[]; ended: boolean } {
  let left = runsLeft ?? Number.POSITIVE_INFINITY;
  for (const [index, { verdict }] of ticks.entries()) {
    if (verdict === "fire") left -= 1;
    if (left === 0) return { ticks: ticks.slice(0, index + 1), ended: true };
  }
  return { ticks, ended: false };
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

/** Returns at most `MISFIRE_CAP` ticks from `first` to `now` in rising order, and the first tick after `now`. */
function ticksUntil(
  timetable: Timetable,
  first: Date,
  now: Date,
): { recent: readonly Date[]; next: Date | null } {
  const recent = [first];
  let tick = timetable.next(first);
  for (; tick !== null && tick <= now; tick = timetable.next(tick)) {
    // A schedule may have missed years of seconds: collect the most recent ticks backward from `now` instead.
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
 * Returns the latest tick after `after` and not after `until`, or null.
 * Steps back from `until` by doubling distances until a tick follows, then halves the range around the tick.
 * The cost grows with the distance to the tick, not with the number of ticks.
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
  // Ticks are at least a second apart, so a range of one second holds at most one tick.
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
