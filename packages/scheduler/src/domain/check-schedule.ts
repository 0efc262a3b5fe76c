import { fieldProblem, isUuid, shown } from "@millrace/base";
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
import { checkInstant, checkInteger, checkOneOf, checkPayload, checkText } from "./check-value.ts";
import { parseTimetable } from "./next-tick.ts";
import type { NewSchedule, SchedulePatch } from "./schedule.ts";
import { JITTER_MS_MAX } from "./tick-delay.ts";

/**
 * The checked fields of a schedule, as SQL statements take these fields: `payload` is JSON text, instants are ISO text.
 */
export interface ScheduleFields {
  name: string;
  jobType: string;
  cron: string;
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
}

/** One check per field. A check returns the value to store, or throws. */
const CHECKS: { readonly [Field in keyof ScheduleFields]: (value: unknown) => ScheduleFields[Field] } = {
  name: checkName,
  jobType: (value) => checkText("jobType", value, "reports.nightly"),
  cron: (value) => {
    // The zone has a check of its own, so that an error about the zone does not depend on the expression.
    parseTimetable(value as string, "UTC");
    return (value as string).trim();
  },
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
};

/** The values of the fields that a new schedule leaves out. */
export const SCHEDULE_DEFAULTS = {
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
} as const satisfies Partial<ScheduleFields>;

const PATCH_FIELDS: readonly string[] = Object.keys(CHECKS);
const NEW_FIELDS: readonly string[] = [...PATCH_FIELDS, "enabled"];

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
export function checkNewSchedule(input: NewSchedule): ScheduleFields & { enabled: boolean } {
  checkScheduleFields(input, NEW_FIELDS);
  const { enabled = true, ...rest } = input;
  if (typeof enabled !== "boolean") {
    throw new InvalidScheduleError("enabled", {
      reason: `must be true or false, got ${shown(enabled)}`,
      example: "true",
    });
  }
  const given = checkSchedulePatch(rest);
  const { name, jobType, cron } = given;
  if (name === undefined) throw required("name", "nightly-report");
  if (jobType === undefined) throw required("jobType", "reports.nightly");
  if (cron === undefined) throw required("cron", "30 2 * * *");
  const fields = { ...SCHEDULE_DEFAULTS, ...given, name, jobType, cron };
  checkWindow(fields);
  return { ...fields, enabled };
}

/** Checks the fields of a patch and returns these fields alone, without defaults. Throws as `checkNewSchedule` does. */
export function checkSchedulePatch(patch: SchedulePatch): Partial<ScheduleFields> {
  checkScheduleFields(patch, PATCH_FIELDS);
  const checked: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(patch)) {
    if (isField(field)) checked[field] = CHECKS[field](value);
  }
  // The cast is safe: `CHECKS` gives each field its type.
  return checked as Partial<ScheduleFields>;
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
