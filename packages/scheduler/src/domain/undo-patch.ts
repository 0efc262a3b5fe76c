import { isDeepStrictEqual } from "node:util";
import type { AuditedState, JsonValue } from "@millrace/queue";
import { foundValues } from "./reconcile-fields.ts";
import type { Schedule, SchedulePatch } from "./schedule.ts";

/** Whether a schedule still has all values that an update gave it. */
export function hasPatch(schedule: Schedule, patch: Readonly<Record<string, JsonValue>>): boolean {
  const found: Readonly<Record<string, JsonValue>> = { ...foundValues(schedule), name: schedule.name };
  return Object.entries(patch).every(([field, value]) =>
    isDeepStrictEqual(found[field], field === "cron" && typeof value === "string" ? value.trim() : value),
  );
}

const INSTANTS: readonly string[] = ["anchor", "startsAt", "endsAt"];

/** Returns the patch that gives a schedule the values of a record, which has it as it was before an update. */
export function undoPatch(
  { id: _id, schedule: name, ...values }: AuditedState,
  patch: Readonly<Record<string, JsonValue>>,
): SchedulePatch {
  const old = Object.entries({ ...values, ...("name" in patch ? { name } : {}) })
    // A patch must not have a zone beside an interval: an interval does not follow the clock of a zone.
    .filter(([field]) => field !== "timezone" || typeof values["everyMs"] !== "number")
    .map(([field, value]) => [
      field,
      INSTANTS.includes(field) && typeof value === "string" ? new Date(value) : value,
    ]);
  // The cast is safe: the record has values of the fields of a patch. They are checked before they are written.
  return Object.fromEntries(old) as SchedulePatch;
}
