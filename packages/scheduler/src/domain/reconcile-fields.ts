import { isDeepStrictEqual } from "node:util";
import type { JsonValue } from "@millrace/queue";
import { SCHEDULE_DEFAULTS, type ScheduleFields } from "./check-schedule.ts";
import type { Schedule } from "./schedule.ts";

/**
 * A field that code declares. Code declares `enabled` for the creation only; afterwards an operator's switch decides.
 */
export type DeclaredField = Exclude<keyof ScheduleFields, "name"> | "enabled";

/** The values that code declares for a schedule, as JSON: the content of the column `declared`. */
export type DeclaredValues = { readonly [Field in DeclaredField]: JsonValue };

/** A field that differs from its declared value, and that reconciling left as it is. */
export interface FieldDrift {
  field: DeclaredField;
  declared: JsonValue;
  found: JsonValue;
}

/** The decision about the fields of a schedule that code declared before. */
export interface FieldDecision {
  /** The fields that get the value that code declares now. */
  changed: DeclaredField[];
  drift: FieldDrift[];
}

/** Returns the declared values of checked fields. */
export function declaredValues({
  name: _name,
  payload,
  ...rest
}: ScheduleFields & { enabled: boolean }): DeclaredValues {
  return { ...rest, payload: JSON.parse(payload) as JsonValue };
}

/** Returns the values that a schedule has now. */
export function foundValues(schedule: Omit<Schedule, "status">): DeclaredValues {
  const {
    jobType,
    cron,
    timezone,
    queue,
    payload,
    priority,
    maxAttempts,
    misfire,
    overlap,
    jitterMs,
    enabled,
  } = schedule;
  const startsAt = schedule.startsAt?.toISOString() ?? null;
  const endsAt = schedule.endsAt?.toISOString() ?? null;
  const what = { jobType, queue, payload, priority, maxAttempts, enabled };
  return { ...what, cron, timezone, misfire, overlap, jitterMs, startsAt, endsAt };
}

/**
 * Decides about each field whose value is not the declared one:
 * - `enabled` stays.
 * - A field with the value that code wrote last belongs to code, and gets the declared value.
 * - A field with any other value was edited since, and stays.
 * `formerly` lacks the fields that an older release did not know. Such a field had its default.
 */
export function reconcileFields(values: {
  found: DeclaredValues;
  formerly: Readonly<Record<string, JsonValue>>;
  declared: DeclaredValues;
}): FieldDecision {
  const defaults: Readonly<Record<string, JsonValue>> = { ...SCHEDULE_DEFAULTS, payload: {}, enabled: true };
  const decision: FieldDecision = { changed: [], drift: [] };
  for (const field of Object.keys(values.declared) as DeclaredField[]) {
    const found = values.found[field];
    const declared = values.declared[field];
    const formerly = field in values.formerly ? values.formerly[field] : defaults[field];
    if (isDeepStrictEqual(found, declared)) continue;
    if (field !== "enabled" && isDeepStrictEqual(found, formerly)) decision.changed.push(field);
    else decision.drift.push({ field, declared, found });
  }
  return windowKeptOpen(decision, values);
}

/** Changes neither bound of the window when the bounds of code and the bounds of an operator would leave no window. */
function windowKeptOpen(
  { changed, drift }: FieldDecision,
  { found, declared }: { found: DeclaredValues; declared: DeclaredValues },
): FieldDecision {
  const bound = (field: "startsAt" | "endsAt") => (changed.includes(field) ? declared : found)[field];
  const [start, end] = [bound("startsAt"), bound("endsAt")];
  if (typeof start !== "string" || typeof end !== "string" || Date.parse(start) < Date.parse(end)) {
    return { changed, drift };
  }
  const isBound = (field: DeclaredField) => field === "startsAt" || field === "endsAt";
  const left = changed.filter(isBound).map((field) => ({
    field,
    declared: declared[field],
    found: found[field],
  }));
  return { changed: changed.filter((field) => !isBound(field)), drift: [...drift, ...left] };
}
