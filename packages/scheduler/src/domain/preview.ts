import { checkFields, fieldNames } from "@millrace/base";
import { InvalidOptionError } from "@millrace/queue";
import { describeCron } from "./describe-cron.ts";
import { parseTimetable } from "./next-tick.ts";
import type { Schedule } from "./schedule.ts";
import { type TickWindow, withinWindow } from "./tick-window.ts";
import { openTimeZone, type TimeZone } from "./time-zone.ts";

/** A tick to come, as the clock on its zone's wall shows it. */
export interface PreviewedTick {
  tickAt: Date;
  /** How far the wall clock is ahead of UTC: `+02:00`. */
  offset: string;
  /**
   * The change of the clock since the tick before, or since the instant that was asked from; null when the clock is
   * as it was. A tick at the very instant of a change forward stands for the times that the change skips.
   */
  clockChange: PreviewedChange | null;
}

/** The latest change of the clock before a tick. */
export interface PreviewedChange {
  at: Date;
  offsetBefore: string;
  offsetAfter: string;
}

/** Ticks to come, and the expression in words. */
export interface Preview {
  words: string;
  ticks: PreviewedTick[];
}

/** What to preview: an expression in a zone, with the window of a schedule if it has one. */
export interface Previewed extends Partial<TickWindow> {
  cron: string;
  timezone: string;
}

/** Those of a whole schedule: it may be previewed as it was read. */
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
 * The next `count` (1 to 1,000) ticks strictly after an instant, fewer where they end. Throws `InvalidCronError`,
 * `UnknownTimeZoneError`, `InvalidOptionError`.
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

/** Halves towards the instant from which the offset is the tick's. Both ends differ, so there is one. */
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

/** An offset in ms as ISO 8601 has it; with seconds for the few that have some. */
function offsetText(offset: number): string {
  const seconds = Math.abs(offset) / 1_000;
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (seconds % 60 !== 0) parts.push(seconds % 60);
  return `${offset < 0 ? "-" : "+"}${parts.map((part) => String(part).padStart(2, "0")).join(":")}`;
}
