import { checkFields } from "@millrace/base";
import { InvalidOptionError } from "@millrace/queue";
import { timetableOf } from "./cadence.ts";
import { type Described, type Description, describeSchedule, SCHEDULE_FIELDS } from "./describe-schedule.ts";
import { type RunLimit, runsLeft } from "./run-limit.ts";
import { type TickWindow, withinWindow } from "./tick-window.ts";
import { openTimeZone, type TimeZone } from "./time-zone.ts";

/** A tick to come, with its zone's offset and changes of the clock. */
export interface PreviewedTick {
  tickAt: Date;
  /** How far the wall clock is ahead of UTC, such as `+02:00`. */
  offset: string;
  /**
   * The latest change of the clock since the previous tick, or since `after` for the first tick. Null when the offset
   * has not changed since. A tick at the very instant of a change forward stands for the readings that the change
   * skips.
   */
  clockChange: PreviewedChange | null;
}

/** The latest change of the clock at or before a tick. */
export interface PreviewedChange {
  at: Date;
  offsetBefore: string;
  offsetAfter: string;
}

/** An expression or an interval in words, and its ticks to come. */
export interface Preview extends Description {
  ticks: PreviewedTick[];
}

/**
 * What to preview: an expression or an interval, and the window and the end of a schedule, if any. An interval without
 * `anchor` and `createdAt` counts from `after`.
 */
export interface Previewed extends Described, Partial<TickWindow>, Partial<RunLimit> {
  /** The zone of an expression, and of the offsets of the ticks. Default `UTC`. */
  timezone?: string;
}

const COUNT_FIELDS: readonly string[] = ["after", "count"];

/**
 * Returns an expression or an interval in words, and its next `count` (1 to 1,000) ticks strictly after an instant;
 * fewer ticks when no more follow. Counts a job for each tick: a tick that a policy skips makes room for another tick
 * under `maxRuns`. Throws `InvalidCronError` (`INVALID_CRON`), `InvalidScheduleError` (`INVALID_SCHEDULE`),
 * `UnknownTimeZoneError` (`UNKNOWN_TIME_ZONE`) and `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const { words, ticks } = preview(await schedules.get("nightly-report"), { after: new Date(), count: 10 });
 */
export function preview(previewed: Previewed, options: { after: Date; count: number }): Preview {
  checkFields("previewed", previewed, SCHEDULE_FIELDS);
  checkFields("options", options, COUNT_FIELDS);
  const { cron = null, everyMs = null, anchor = null, timezone = "UTC" } = previewed;
  const { startsAt = null, endsAt = null, maxRuns = null, runs = 0 } = previewed;
  const { after, count } = options;
  if (!Number.isInteger(count) || count < 1 || count > 1_000) {
    throw new InvalidOptionError("count", "an integer from 1 to 1000", count);
  }
  if (Number.isNaN(after.getTime())) throw new InvalidOptionError("after", "a valid Date", after);
  const { createdAt = after } = previewed;
  const description = describeSchedule({ cron, everyMs, anchor, createdAt });
  const cadence = { cron, timezone, everyMs, anchor, createdAt };
  const timetable = withinWindow(timetableOf(cadence), { startsAt, endsAt });
  const zone = openTimeZone(timezone);
  const most = Math.min(count, runsLeft({ maxRuns, runs }) ?? count);
  const ticks: PreviewedTick[] = [];
  let previous = after;
  while (ticks.length < most) {
    const tick = timetable.next(previous);
    if (tick === null) break;
    ticks.push(previewedTick(zone, previous.getTime(), tick));
    previous = tick;
  }
  return { ...description, ticks };
}

function previewedTick(zone: TimeZone, previous: number, tickAt: Date): PreviewedTick {
  const offset = zone.offsetAt(tickAt.getTime());
  const clockChange =
    zone.offsetAt(previous) === offset ? null : latestChange(zone, previous, tickAt.getTime());
  return { tickAt, offset: offsetText(offset), clockChange };
}

/**
 * Finds the instant at which the tick's offset began, by halving. The offsets at both ends differ, so a change exists.
 */
function latestChange(zone: TimeZone, from: number, until: number): PreviewedChange {
  const offsetAfter = zone.offsetAt(until);
  let before = Math.floor(from / 1_000);
  let at = Math.ceil(until / 1_000);
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if (zone.offsetAt(middle * 1_000) === offsetAfter) at = middle;
    else before = middle;
  }
  return {
    at: new Date(at * 1_000),
    offsetBefore: offsetText(zone.offsetAt(before * 1_000)),
    offsetAfter: offsetText(offsetAfter),
  };
}

/** Returns an offset in ms as ISO 8601 text, with seconds only where the offset has seconds. */
function offsetText(offset: number): string {
  const seconds = Math.abs(offset) / 1_000;
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (seconds % 60 !== 0) parts.push(seconds % 60);
  return `${offset < 0 ? "-" : "+"}${parts.map((part) => String(part).padStart(2, "0")).join(":")}`;
}
