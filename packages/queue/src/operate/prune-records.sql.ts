import type { Executor } from "@millrace/base";

/** How many rows a statement deletes at most. */
export const RECORDS_BATCH = 1_000;

/**
 * Guarantees: deletes only rows of minutes that are older than the age. Nobody writes such rows any more.
 * Index: the primary key of queue_minutes, from its beginning, for a bounded number of rows.
 * No row: never.
 */
const PRUNE_MINUTES = `
  WITH old AS MATERIALIZED (
    SELECT m.minute, m.queue FROM millrace.queue_minutes m
    WHERE m.minute < now() - $1::float8 * interval '1 ms'
    ORDER BY m.minute, m.queue LIMIT ${RECORDS_BATCH}
  ), deleted AS (
    DELETE FROM millrace.queue_minutes m USING old WHERE m.minute = old.minute AND m.queue = old.queue
    RETURNING m.minute
  )
  SELECT count(*)::float8 AS deleted FROM deleted`;

/**
 * Guarantees: deletes only rows that are older than the age, and reads no further than the first batch.
 * Index: the primary key of audit_log, from its beginning, for a bounded number of rows: ids grow with time.
 * No row: never.
 */
const PRUNE_AUDIT = `
  WITH oldest AS MATERIALIZED (
    SELECT entry.id, entry.at FROM millrace.audit_log entry ORDER BY entry.id LIMIT ${RECORDS_BATCH}
  ), deleted AS (
    DELETE FROM millrace.audit_log entry USING oldest
    WHERE entry.id = oldest.id AND oldest.at < now() - $1::float8 * interval '1 ms'
    RETURNING entry.id
  )
  SELECT count(*)::float8 AS deleted FROM deleted`;

/** Deletes a batch of the oldest rows of `queue_minutes`. Returns how many; fewer than the batch: no more are left. */
export function pruneMinutes(db: Executor, olderThanMs: number): Promise<number> {
  return prune(db, PRUNE_MINUTES, olderThanMs);
}

/** Deletes a batch of the oldest rows of the audit log. Returns how many; fewer than the batch: no more are left. */
export function pruneAudit(db: Executor, olderThanMs: number): Promise<number> {
  return prune(db, PRUNE_AUDIT, olderThanMs);
}

async function prune(db: Executor, text: string, olderThanMs: number): Promise<number> {
  const { rows } = await db.query(text, [olderThanMs]);
  return (rows as { deleted: number }[])[0]?.deleted ?? 0;
}
