import { fieldProblem, isUuid } from "@millrace/base";
import { DEFAULT_MAX_ATTEMPTS } from "@millrace/queue";
import {
  INTEGER_MAX,
  MISFIRE_POLICIES,
  type MisfirePolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  PRIORITY_MAX,
  PRIORITY_MIN,
} from "@millrace/schema/values";
import { InvalidScheduleError } from "../errors.ts";
import { checkCron } from "./check-cron.ts";
import {
  checkBoolean,
  checkInstant,
  checkInteger,
  checkOneOf,
  checkPayload,
  checkText,
} from "./check-value.ts";
import { EVERY_MS_MAX, EVERY_MS_MIN } from "./interval.ts";
import { parseTimetable } from "./next-tick.ts";
import type { NewSchedule, SchedulePatch } from "./schedule.ts";
import { JITTER_MS_MAX } from "./tick-delay.ts";

/**
 * The checked fields of a schedule, as SQL statements take these fields: `payload` is JSON text, instants are ISO text.
 */
export interface ScheduleFields {
  name: string;
  jobType: string;
  cron: string | null;
  everyMs: number | null;
  anchor: string | null;
  timezone: string;
  queue: string;
  payload: string;
  priority: number;
  maxAttempts: number;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  jitterMs: number;
  startsAt: string | null;
  endsAt: string | null;
  maxRuns: number | null;
}

/** The checked fields of a new schedule. */
export interface NewScheduleFields extends ScheduleFields {
  enabled: boolean;
  runOnCreate: boolean;
}

/** One check per field. A check returns the value to store, or throws. */
const CHECKS: { readonly [Field in keyof ScheduleFields]: (value: unknown) => ScheduleFields[Field] } = {
  name: checkName,
  jobType: (value) => checkText("jobType", value, "reports.nightly"),
  cron: (value) => {
    if (value === null) return null;
    // The zone has a check of its own, so that an error about the zone does not depend on the expression.
    checkCron(value as string);
    return (value as string).trim();
  },
  everyMs: checkEveryMs,
  anchor: (value) => checkInstant("anchor", value),
  timezone: (value) => {
    parseTimetable("@daily", value as string);
    return value as string;
  },
  queue: (value) => checkText("queue", value, "default"),
  payload: checkPayload,
  priority: (value) => checkInteger("priority", value, [PRIORITY_MIN, PRIORITY_MAX]),
  maxAttempts: (value) => checkInteger("maxAttempts", value, [1, INTEGER_MAX]),
  misfire: (value) => checkOneOf("misfire", value, MISFIRE_POLICIES),
  overlap: (value) => checkOneOf("overlap", value, OVERLAP_POLICIES),
  jitterMs: (value) => checkInteger("jitterMs", value, [0, JITTER_MS_MAX]),
  startsAt: (value) => checkInstant("startsAt", value),
  endsAt: (value) => checkInstant("endsAt", value),
  maxRuns: (value) => (value === null ? null : checkInteger("maxRuns", value, [1, INTEGER_MAX])),
};

/** The values of the fields that a new schedule leaves out. */
export const SCHEDULE_DEFAULTS = {
  cron: null,
  everyMs: null,
  anchor: null,
  timezone: "UTC",
  queue: "default",
  payload: "{}",
  priority: 0,
  maxAttempts: DEFAULT_MAX_ATTEMPTS,
  misfire: "latest",
  overlap: "allow",
  jitterMs: 0,
  startsAt: null,
  endsAt: null,
  maxRuns: null,
} as const satisfies Partial<ScheduleFields>;

const PATCH_FIELDS: readonly string[] = Object.keys(CHECKS);
const NEW_FIELDS: readonly string[] = [...PATCH_FIELDS, "enabled", "runOnCreate"];

/**
 * Refuses a value that is no object, an unknown field, and a field that is `undefined`. Throws `InvalidScheduleError`.
 */
export function checkScheduleFields(schedule: object, known: readonly string[]): void {
  const problem = fieldProblem(schedule, known);
  if (problem === null) return;
  throw new InvalidScheduleError(problem.field ?? "schedule", {
    reason: problem.reason,
    example: '{ name: "nightly-report", cron: "30 2 * * *" }',
  });
}

/**
 * Checks a new schedule and fills in the defaults. Returns the fields to store.
 * Throws `InvalidScheduleError`, `InvalidCronError`, `UnknownTimeZoneError`.
 */
export function checkNewSchedule(input: NewSchedule): NewScheduleFields {
  checkScheduleFields(input, NEW_FIELDS);
  const { enabled = true, runOnCreate = false, ...rest } = input;
  checkBoolean("enabled", enabled);
  checkBoolean("runOnCreate", runOnCreate);
  const given = checkSchedulePatch(rest);
  const { name, jobType } = given;
  if (name === undefined) throw required("name", "nightly-report");
  if (jobType === undefined) throw required("jobType", "reports.nightly");
  const fields = { ...SCHEDULE_DEFAULTS, ...given, name, jobType };
  checkCadence(fields, given);
  checkWindow(fields);
  return { ...fields, enabled, runOnCreate };
}

/**
 * Checks the fields of a patch and returns these fields without defaults. A new cadence comes with null for the fields
 * of the cadence that it replaces. Throws as `checkNewSchedule` does.
 */
export function checkSchedulePatch(patch: SchedulePatch): Partial<ScheduleFields> {
  checkScheduleFields(patch, PATCH_FIELDS);
  const checked: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(patch)) {
    if (isField(field)) checked[field] = CHECKS[field](value);
  }
  // The cast is safe: `CHECKS` gives each field its type.
  return withReplaced(checked as Partial<ScheduleFields>);
}

/** Adds null for the fields of the cadence that a patch replaces. Refuses both cadences at once. */
function withReplaced(patch: Partial<ScheduleFields>): Partial<ScheduleFields> {
  const { cron = null, everyMs = null, anchor = null } = patch;
  if (cron !== null && everyMs !== null) throw bothCadences();
  if (cron !== null) return { ...patch, everyMs: null, anchor };
  return everyMs === null ? patch : { ...patch, cron: null };
}

function bothCadences(): InvalidScheduleError {
  const reason = "and `cron` exclude each other; give one of them";
  return new InvalidScheduleError("everyMs", { reason, example: "everyMs: 90_000" });
}

/** The fields that say when a schedule ticks. */
export type CadenceFields = Pick<ScheduleFields, "cron" | "everyMs" | "anchor">;

/**
 * Refuses a schedule without a cadence or with two, an anchor without an interval, and a zone given to an interval.
 * Throws `InvalidScheduleError`.
 */
export function checkCadence(
  { cron, everyMs, anchor }: CadenceFields,
  given: { readonly timezone?: string } = {},
): void {
  if (cron === null && everyMs === null) {
    const reason = "or `everyMs` is required";
    throw new InvalidScheduleError("cron", { reason, example: 'cron: "30 2 * * *", or everyMs: 90_000' });
  }
  if (cron !== null && everyMs !== null) throw bothCadences();
  if (cron !== null && anchor !== null) {
    const reason = "belongs to an interval; an expression names its times itself";
    throw new InvalidScheduleError("anchor", { reason, example: "null" });
  }
  if (everyMs !== null && given.timezone !== undefined) {
    throw new InvalidScheduleError("timezone", {
      reason:
        "does not go with `everyMs`: an interval does not follow the clock of a zone; leave `timezone` out",
      example: 'cron: "0 9 * * *", timezone: "Europe/Berlin"',
    });
  }
}

/** Checks that a value is null or an interval in ms, and returns the interval. Throws `InvalidScheduleError`. */
export function checkEveryMs(value: unknown): number | null {
  return value === null ? null : checkInteger("everyMs", value, [EVERY_MS_MIN, EVERY_MS_MAX]);
}

/** Refuses an empty window: an `endsAt` at or before `startsAt`. Throws `InvalidScheduleError`. */
export function checkWindow({ startsAt, endsAt }: Pick<ScheduleFields, "startsAt" | "endsAt">): void {
  if (startsAt === null || endsAt === null || Date.parse(startsAt) < Date.parse(endsAt)) return;
  throw new InvalidScheduleError("endsAt", {
    reason: `must be after startsAt: the window from ${startsAt} to ${endsAt} never opens`,
    example: new Date(Date.parse(startsAt) + 86_400_000).toISOString(),
  });
}

function checkName(value: unknown): string {
  const name = checkText("name", value, "nightly-report");
  if (!isUuid(name)) return name;
  throw new InvalidScheduleError("name", {
    reason: `must not be a UUID, which would be taken for an id, got "${name}"`,
    example: "nightly-report",
  });
}

function required(field: string, example: string): InvalidScheduleError {
  return new InvalidScheduleError(field, { reason: "is required", example });
}

function isField(name: string): name is keyof ScheduleFields {
  return Object.hasOwn(CHECKS, name);
}
