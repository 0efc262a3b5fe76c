import type { AuditedChange, AuditedState } from "@millrace/queue";
import { foundValues } from "../domain/reconcile-fields.ts";
import type { Schedule } from "../domain/schedule.ts";

/** What a command on schedules changed. */
interface AuditedSchedules extends AuditedChange {
  before: readonly AuditedState[];
}

/** Returns one changed schedule for the audit log: its id, its name, and the old values of the fields. */
export function auditedChange(
  before: Omit<Schedule, "status" | "warnings">,
  fields?: readonly string[],
): AuditedSchedules {
  const values = Object.entries(foundValues(before)).filter(([field]) => fields?.includes(field) ?? true);
  const state: AuditedState = { id: before.id, schedule: before.name, ...Object.fromEntries(values) };
  return { changed: 1, before: [state] };
}

/** Returns a new schedule for the audit log: it had no values before. */
export function auditedCreation(created: Pick<Schedule, "id" | "name"> | null): AuditedSchedules {
  return created === null
    ? { changed: 0, before: [] }
    : { changed: 1, before: [{ id: created.id, schedule: created.name }] };
}
