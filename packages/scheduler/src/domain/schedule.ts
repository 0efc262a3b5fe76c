import { isUuid, type JsonValue } from "@millrace/queue";
import { MISFIRE_POLICIES, type MisfirePolicy, OVERLAP_POLICIES, type OverlapPolicy } from "@millrace/schema";
import { InvalidScheduleError } from "../errors.ts";
import { parseTimetable } from "./next-tick.ts";

/** A cron expression, a time zone, and the job that each tick enqueues. Instants are by the database's clock. */
export interface Schedule {
  id: string;
  name: string;
  jobType: string;
  queue: string;
  payload: JsonValue;
  /** Smaller runs first. */
  priority: number;
  cron: string;
  /** An IANA time zone. */
  timezone: string;
  enabled: boolean;
  /** How many attempts each job gets. */
  maxAttempts: number;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  /** The tick to come; null while disabled, or until a scheduler computes it. */
  nextRunAt: Date | null;
  /** The last tick that was accounted for, whether it made a job or not. */
  lastRunAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** A schedule to create. */
export interface NewSchedule {
  /** 1 to 100 characters, unique, and not in the form of a UUID. */
  name: string;
  /** The type of the jobs, 1 to 100 characters. */
  jobType: string;
  /** Five fields, six with seconds first, or a name such as `@hourly`; at most 100 characters. */
  cron: string;
  /** An IANA time zone of at most 50 characters. Default `UTC`. */
  timezone?: string;
  /** The queue the jobs go to, 1 to 100 characters. Default `default`. */
  queue?: string;
  /** Any JSON value. Default `{}`. */
  payload?: JsonValue;
  /** -32768 to 32767, smaller runs first. Default 0. */
  priority?: number;
  /** From 1. Default 3. */
  maxAttempts?: number;
  /** Default `latest`. */
  misfire?: MisfirePolicy;
  /** Default `allow`. */
  overlap?: OverlapPolicy;
  /** Default true. */
  enabled?: boolean;
}

/** What to change of a schedule. `enabled` has commands of its own. */
export type SchedulePatch = Partial<Omit<NewSchedule, "enabled">>;

/** The checked fields of a schedule in the shape that statements take: the payload is JSON text. */
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
}

/** One check per field: it gives back what to store, or throws. */
const CHECKS: { readonly [Field in keyof ScheduleFields]: (value: unknown) => ScheduleFields[Field] } = {
  name: (value) => {
    const name = checkText("name", value);
    if (!isUuid(name)) return name;
    throw new InvalidScheduleError(
      "name",
      `must not be a UUID, which would be taken for an id, got "${name}".`,
    );
  },
  jobType: (value) => checkText("jobType", value),
  cron: (value) => {
    // The zone is checked on its own: an error about it must not depend on the expression.
    parseTimetable(value as string, "UTC");
    return (value as string).trim();
  },
  timezone: (value) => {
    parseTimetable("@daily", value as string);
    return value as string;
  },
  queue: (value) => checkText("queue", value),
  payload: checkPayload,
  priority: (value) => checkInteger("priority", value, [-32_768, 32_767]),
  maxAttempts: (value) => checkInteger("maxAttempts", value, [1, 2_147_483_647]),
  misfire: (value) => checkOneOf("misfire", value, MISFIRE_POLICIES),
  overlap: (value) => checkOneOf("overlap", value, OVERLAP_POLICIES),
};

const DEFAULTS = {
  timezone: "UTC",
  queue: "default",
  payload: {},
  priority: 0,
  maxAttempts: 3,
  misfire: "latest",
  overlap: "allow",
} as const satisfies SchedulePatch;

/**
 * Checks a new schedule and fills in the defaults. Throws `InvalidScheduleError`, `InvalidCronError`,
 * `UnknownTimeZoneError`.
 */
export function checkNewSchedule(input: NewSchedule): ScheduleFields & { enabled: boolean } {
  const { enabled = true, ...rest } = input;
  if (typeof enabled !== "boolean") {
    throw new InvalidScheduleError("enabled", `must be true or false, got ${shown(enabled)}.`);
  }
  const given = checkSchedulePatch(rest);
  const filled: Record<string, unknown> = {
    ...DEFAULTS,
    payload: JSON.stringify(DEFAULTS.payload),
    ...given,
  };
  for (const field of ["name", "jobType", "cron"] as const) {
    if (filled[field] === undefined) throw new InvalidScheduleError(field, "is required.");
  }
  // Every field is there by now: checked just above, given, or by default.
  return { ...(filled as unknown as ScheduleFields), enabled };
}

/** Checks the fields of a patch that are there. Throws as `checkNewSchedule` does. */
export function checkSchedulePatch(patch: SchedulePatch): Partial<ScheduleFields> {
  const checked: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(patch)) {
    if (!isField(field)) {
      throw new InvalidScheduleError(field, `is not one of ${Object.keys(CHECKS).join(", ")}.`);
    }
    if (value !== undefined) checked[field] = CHECKS[field](value);
  }
  // CHECKS ties each field to its type.
  return checked as Partial<ScheduleFields>;
}

function isField(name: string): name is keyof ScheduleFields {
  return Object.hasOwn(CHECKS, name);
}

function checkText(field: string, value: unknown): string {
  if (typeof value !== "string" || value.trim() === "" || [...value].length > 100) {
    throw new InvalidScheduleError(field, `must be a string of 1 to 100 characters, got ${shown(value)}.`);
  }
  if (value.includes("\u0000")) {
    throw new InvalidScheduleError(
      field,
      "must not contain the character U+0000, which PostgreSQL cannot store.",
    );
  }
  return value;
}

function checkInteger(field: string, value: unknown, [min, max]: readonly [number, number]): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidScheduleError(field, `must be an integer from ${min} to ${max}, got ${shown(value)}.`);
}

function checkOneOf<Value extends string>(field: string, value: unknown, allowed: readonly Value[]): Value {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new InvalidScheduleError(field, `must be one of ${allowed.join(", ")}, got ${shown(value)}.`);
}

function checkPayload(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new InvalidScheduleError("payload", "must be JSON: it has a cycle or a value JSON cannot carry.", {
      cause,
    });
  }
  if (text === undefined) throw new InvalidScheduleError("payload", `must be JSON, got ${typeof value}.`);
  // JSON.stringify writes U+0000 as the escape \u0000, and an escaped backslash before "u0000" is harmless.
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(text)) {
    throw new InvalidScheduleError("payload", "must not contain U+0000, which PostgreSQL cannot store.");
  }
  return text;
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
