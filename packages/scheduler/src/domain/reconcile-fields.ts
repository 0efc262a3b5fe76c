import { isDeepStrictEqual } from "node:util";
import type { JsonValue } from "@millrace/queue";
import { type NewScheduleFields, SCHEDULE_DEFAULTS, type ScheduleFields } from "./check-schedule.ts";
import type { Schedule } from "./schedule.ts";

/**
 * A field that code declares. Code declares `enabled` for the creation only; afterwards an operator's switch decides.
 * `runOnCreate` is no such field, because it says nothing about a schedule that exists.
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
  runOnCreate: _runOnCreate,
  payload,
  ...rest
}: NewScheduleFields): DeclaredValues {
  return { ...rest, payload: JSON.parse(payload) as JsonValue };
}

/** Returns the values that a schedule has now. */
export function foundValues(schedule: Omit<Schedule, "status" | "warnings">): DeclaredValues {
  const { jobType, queue, payload, priority, maxAttempts, enabled } = schedule;
  const { cron, everyMs, timezone, misfire, overlap, jitterMs, maxRuns } = schedule;
  const anchor = schedule.anchor?.toISOString() ?? null;
  const startsAt = schedule.startsAt?.toISOString() ?? null;
  const endsAt = schedule.endsAt?.toISOString() ?? null;
  const what = { jobType, queue, payload, priority, maxAttempts, enabled };
  const when = { cron, everyMs, anchor, timezone, startsAt, endsAt, maxRuns };
  return { ...what, ...when, misfire, overlap, jitterMs };
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
  return windowKeptOpen(cadenceKeptWhole(decision, values), values);
}

interface Values {
  found: DeclaredValues;
  declared: DeclaredValues;
}

const CADENCE: readonly DeclaredField[] = ["cron", "everyMs", "anchor"];
const WINDOW: readonly DeclaredField[] = ["startsAt", "endsAt"];

/** Changes no part of the cadence when an operator edited a part: an interval beside an expression is no cadence. */
function cadenceKeptWhole(decision: FieldDecision, values: Values): FieldDecision {
  return decision.drift.some(({ field }) => CADENCE.includes(field))
    ? leaving(CADENCE, decision, values)
    : decision;
}

/** Changes neither bound of the window when the bounds of code and the bounds of an operator would leave no window. */
function windowKeptOpen(decision: FieldDecision, values: Values): FieldDecision {
  const { found, declared } = values;
  const bound = (field: "startsAt" | "endsAt") =>
    (decision.changed.includes(field) ? declared : found)[field];
  const [start, end] = [bound("startsAt"), bound("endsAt")];
  if (typeof start !== "string" || typeof end !== "string" || Date.parse(start) < Date.parse(end)) {
    return decision;
  }
  return leaving(WINDOW, decision, values);
}

/** Makes drift of the changes of some fields. */
function leaving(
  fields: readonly DeclaredField[],
  { changed, drift }: FieldDecision,
  { found, declared }: Values,
): FieldDecision {
  const left = changed
    .filter((field) => fields.includes(field))
    .map((field) => ({ field, declared: declared[field], found: found[field] }));
  return { changed: changed.filter((field) => !fields.includes(field)), drift: [...drift, ...left] };
}
