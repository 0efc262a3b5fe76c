import { checkFields, fieldNames } from "@millrace/base";
import { checkCadence, checkEveryMs } from "./check-schedule.ts";
import { checkInstant } from "./check-value.ts";
import { describeCron } from "./describe-cron.ts";
import { durationText } from "./interval.ts";
import type { Schedule } from "./schedule.ts";
import { stepWarnings } from "./step-warnings.ts";

/** What to describe: an expression or an interval. Takes a whole schedule as it was read, too. */
export interface Described {
  cron?: string | null;
  everyMs?: number | null;
  /** The instant from which the interval counts. Default: `createdAt`, if given. */
  anchor?: Date | null;
  createdAt?: Date;
}

/** A schedule in words. */
export interface Description {
  /** For instance `At 02:30`, or `Every 90 s from 2026-01-01 00:00 UTC`. */
  words: string;
  /** A sentence for each step of the expression that is not what it seems, such as every 7 hours. Most have none. */
  warnings: readonly string[];
}

/** The fields of a whole schedule, so that a schedule as it was read can be described and previewed. */
export const SCHEDULE_FIELDS = fieldNames<Schedule>({
  id: true,
  name: true,
  jobType: true,
  queue: true,
  payload: true,
  priority: true,
  cron: true,
  everyMs: true,
  anchor: true,
  timezone: true,
  enabled: true,
  maxAttempts: true,
  misfire: true,
  overlap: true,
  jitterMs: true,
  startsAt: true,
  endsAt: true,
  maxRuns: true,
  runs: true,
  declared: true,
  status: true,
  warnings: true,
  nextRunAt: true,
  lastRunAt: true,
  createdAt: true,
  updatedAt: true,
});

/**
 * Returns an expression or an interval in English words, with warnings about steps that are not what they seem.
 * Throws `InvalidCronError` (`INVALID_CRON`), `InvalidScheduleError` (`INVALID_SCHEDULE`) and `InvalidOptionError`
 * (`INVALID_OPTION`).
 *
 * @example
 * describeSchedule({ everyMs: 90_000, anchor: new Date("2026-01-01T00:00:00Z") }).words;
 * // "Every 90 s from 2026-01-01 00:00 UTC"
 */
export function describeSchedule(described: Described): Description {
  checkFields("described", described, SCHEDULE_FIELDS);
  const { cron = null, everyMs = null, anchor = null, createdAt } = described;
  checkCadence({ cron, everyMs: checkEveryMs(everyMs), anchor: checkInstant("anchor", anchor) });
  if (everyMs === null) return { words: describeCron(cron ?? ""), warnings: stepWarnings(cron ?? "") };
  const from = checkInstant("createdAt", anchor ?? createdAt ?? null);
  return {
    words: `Every ${durationText(everyMs)}${from === null ? "" : ` from ${instantText(from)}`}`,
    warnings: [],
  };
}

/** Shortens the ISO text of an instant to the digits that are not zero, down to minutes. */
function instantText(iso: string): string {
  const text = iso
    .slice(0, -1)
    .replace("T", " ")
    .replace(/\.000$/, "");
  return `${text.replace(/(?<=:\d\d):00$/, "")} UTC`;
}
