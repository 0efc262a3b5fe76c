import type { ScheduleFields } from "../domain/check-schedule.ts";
import type { Schedule } from "../domain/schedule.ts";
import type { Timing } from "./first-tick.ts";

/** The fields that decide when a schedule ticks. A change of any of them computes the next tick anew. */
export const TIMED_FIELDS = [
  "cron",
  "everyMs",
  "anchor",
  "timezone",
  "startsAt",
  "endsAt",
  "maxRuns",
] as const satisfies readonly (keyof ScheduleFields)[];

/** The checked values of the timed fields, with instants as ISO text. */
export type TimedFields = Pick<ScheduleFields, (typeof TIMED_FIELDS)[number]>;

/** Returns the timed fields of a schedule as it was read. */
export function timedFields(schedule: Omit<Schedule, "status" | "warnings">): TimedFields {
  const { cron, everyMs, anchor, timezone, startsAt, endsAt, maxRuns } = schedule;
  const texts = { anchor: isoOf(anchor), startsAt: isoOf(startsAt), endsAt: isoOf(endsAt) };
  return { cron, everyMs, timezone, maxRuns, ...texts };
}

/** Returns the timing of a schedule with these fields, with instants as `Date`. */
export function timingOf(
  { cron, everyMs, anchor, timezone, startsAt, endsAt, maxRuns }: TimedFields,
  { createdAt, runs }: Pick<Timing, "createdAt" | "runs">,
): Timing {
  const instants = { anchor: dateOf(anchor), startsAt: dateOf(startsAt), endsAt: dateOf(endsAt) };
  return { cron, everyMs, timezone, maxRuns, ...instants, createdAt, runs };
}

function isoOf(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}

function dateOf(iso: string | null): Date | null {
  return iso === null ? null : new Date(iso);
}
