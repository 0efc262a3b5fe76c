import { checkFields, fieldNames } from "@millrace/base";
import { InvalidOptionError } from "@millrace/queue";
import { describeCron } from "./describe-cron.ts";
import { parseTimetable } from "./next-tick.ts";
import type { Schedule } from "./schedule.ts";
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

/** An expression in words, and its ticks to come. */
export interface Preview {
  words: string;
  ticks: PreviewedTick[];
}

/** What to preview: an expression in a zone, and the window of a schedule, if any. */
export interface Previewed extends Partial<TickWindow> {
  cron: string;
  timezone: string;
}

/** The fields of a whole schedule, so that `preview` takes a schedule as it was read. */
const FIELDS = fieldNames<Schedule>({
  id: true,
  name: true,
  jobType: true,
  queue: true,
  payload: true,
  priority: true,
  cron: true,
  timezone: true,
  enabled: true,
  maxAttempts: true,
  misfire: true,
  overlap: true,
  jitterMs: true,
  startsAt: true,
  endsAt: true,
  declared: true,
  status: true,
  nextRunAt: true,
  lastRunAt: true,
  createdAt: true,
  updatedAt: true,
});

const COUNT_FIELDS: readonly string[] = ["after", "count"];

/**
 * Returns an expression in words, and its next `count` (1 to 1,000) ticks strictly after an instant; fewer ticks when
 * no more follow. Throws `InvalidCronError` (`INVALID_CRON`), `UnknownTimeZoneError` (`UNKNOWN_TIME_ZONE`) and
 * `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const { words, ticks } = preview(await schedules.get("nightly-report"), { after: new Date(), count: 10 });
 */
export function preview(previewed: Previewed, options: { after: Date; count: number }): Preview {
  checkFields("previewed", previewed, FIELDS);
  checkFields("options", options, COUNT_FIELDS);
  const { cron, timezone, startsAt = null, endsAt = null } = previewed;
  const { after, count } = options;
  if (!Number.isInteger(count) || count < 1 || count > 1_000) {
    throw new InvalidOptionError("count", "an integer from 1 to 1000", count);
  }
  const timetable = withinWindow(parseTimetable(cron, timezone), { startsAt, endsAt });
  const zone = openTimeZone(timezone);
  const ticks: PreviewedTick[] = [];
  let previous = after;
  while (ticks.length < count) {
    const tick = timetable.next(previous);
    if (tick === null) break;
    ticks.push(previewedTick(zone, previous.getTime(), tick));
    previous = tick;
  }
  return { words: describeCron(cron), ticks };
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
