import type { AuditedState, Executor, JsonValue } from "@millrace/queue";

/** What the audit log has of a command on one schedule. */
export interface AuditedCommand {
  /** The schedule as it was: its id, its name, and the old values of the fields. */
  before: AuditedState & { readonly id: string; readonly schedule: string };
  /** The fields that an update gave the schedule. */
  patch: Readonly<Record<string, JsonValue>> | null;
}

/**
 * Reads a row of the audit log about one schedule.
 * Guarantees: reads only.
 * Index: the primary key of audit_log.
 * No row: the row was deleted.
 */
export async function readAudited(db: Executor, entryId: string): Promise<AuditedCommand | null> {
  const { rows } = await db.query(
    `SELECT e.before -> 0 AS before, e.filter -> 'patch' AS patch FROM millrace.audit_log AS e WHERE e.id = $1::uuid`,
    [entryId],
  );
  return (rows as AuditedCommand[])[0] ?? null;
}

/**
 * Locks a schedule until the end of the transaction. Returns false if the schedule was deleted.
 * Guarantees: nobody else changes the schedule meanwhile. Waits for a scheduler's tick.
 * Index: the primary key.
 * No row: the schedule was deleted.
 */
export async function lockSchedule(db: Executor, id: string): Promise<boolean> {
  const { rows } = await db.query(
    "SELECT s.id FROM millrace.job_schedules AS s WHERE s.id = $1::uuid FOR NO KEY UPDATE",
    [id],
  );
  return rows.length > 0;
}
