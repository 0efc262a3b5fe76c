import { isDeepStrictEqual } from "node:util";
import type { JsonValue } from "@millrace/queue";
import { SCHEDULE_DEFAULTS, type ScheduleFields } from "./check-schedule.ts";
import type { Schedule } from "./schedule.ts";

/** A field that code declares. `enabled` is declared for the creation only: afterwards the switch is the operator's. */
export type DeclaredField = Exclude<keyof ScheduleFields, "name"> | "enabled";

/** What code declares of a schedule, as JSON: what the column `declared` holds. */
export type DeclaredValues = { readonly [Field in DeclaredField]: JsonValue };

/** A field that was changed since code last wrote it, and was left as it is. */
export interface FieldDrift {
  field: DeclaredField;
  declared: JsonValue;
  found: JsonValue;
}

/** What to do about a schedule that code declared before. */
export interface FieldDecision {
  /** The fields to bring to what code declares now. */
  changed: DeclaredField[];
  drift: FieldDrift[];
}

/** The values of checked fields. */
export function declaredValues({
  name: _name,
  payload,
  ...rest
}: ScheduleFields & { enabled: boolean }): DeclaredValues {
  return { ...rest, payload: JSON.parse(payload) as JsonValue };
}

/** The values that a schedule has now. */
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
 * Decides field by field. One that still has the value that code wrote last is code's, and follows it; one that has
 * another was edited since, and is left. `formerly` lacks the fields that an older release did not know: those had
 * their default.
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

/** A bound that code moves beyond the one an operator set would leave no window: then neither is moved. */
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
