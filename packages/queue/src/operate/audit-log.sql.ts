import type { Executor } from "@millrace/base";
import type { JsonValue } from "../job/job.ts";
import { toInstant } from "../job/row-to-job.ts";
import type { AuditEntry, AuditedState, AuditFilter, AuditOptions } from "./audit-entry.ts";

/**
 * Guarantees: inserts one row, in the transaction of the change that it is about. If there is a row with the id $1,
 * adds to its count.
 * Index: the primary key of audit_log.
 * No row: never.
 */
const WRITE = `
  INSERT INTO millrace.audit_log AS entry (id, command_id, who, via, action, filter, changed, before)
  VALUES (coalesce($1::uuid, millrace.uuid_v7()), $2, $3, $4, $5, $6::jsonb, $7, $8::jsonb)
  ON CONFLICT (id) DO UPDATE SET changed = entry.changed + excluded.changed
  RETURNING entry.id`;

/**
 * Guarantees: reads only. Returns the newest entries first, because ids grow with time.
 * Index: the primary key of audit_log, backward; audit_log_command_idx for the entries of one command.
 * No row: no entry fits.
 */
const LIST = `
  SELECT entry.id, entry.command_id, entry.at, entry.who, entry.via, entry.action, entry.filter, entry.changed,
         entry.before
  FROM millrace.audit_log entry
  WHERE ($1::uuid IS NULL OR entry.id < $1) AND ($2::uuid IS NULL OR entry.command_id = $2)
  ORDER BY entry.id DESC LIMIT $3`;

/** What to write about one change. */
export interface AuditRecord extends AuditOptions {
  /** The row to add to; null: a new row. */
  id: string | null;
  commandId: string;
  action: string;
  /** JSON text. */
  filter: string;
  changed: number;
  before: readonly AuditedState[];
}

/** Writes an entry. Returns its id. */
export async function writeAudit(db: Executor, record: AuditRecord): Promise<string | null> {
  const { rows } = await db.query(WRITE, [
    record.id,
    record.commandId,
    record.who,
    record.via,
    record.action,
    record.filter,
    record.changed,
    JSON.stringify(record.before),
  ]);
  return (rows as { id: string }[])[0]?.id ?? null;
}

interface Row extends AuditOptions {
  id: string;
  command_id: string;
  at: unknown;
  action: string;
  filter: JsonValue;
  changed: number;
  before: AuditedState[];
}

/** Returns entries, newest first. */
export async function listAudit(
  db: Executor,
  { limit, before, commandId }: AuditFilter & { limit: number },
): Promise<AuditEntry[]> {
  const { rows } = await db.query(LIST, [before ?? null, commandId ?? null, limit]);
  return (rows as Row[]).map(({ command_id: id, at, ...entry }) => ({
    ...entry,
    commandId: id,
    at: toInstant(at),
  }));
}
