import type { Executor, JsonValue } from "@millrace/queue";
import { rowToStored, STORED_COLUMNS, type StoredSchedule } from "./schedule-columns.ts";

/**
 * Guarantees: nobody else reconciles until the transaction ends, so that two workers that start together do it one
 * after the other. A transaction's lock: it survives a pooler, and ends with the transaction whatever happens.
 */
const LOCK_RECONCILING = "SELECT pg_advisory_xact_lock(hashtextextended('millrace.job_schedules', 0))";

/**
 * Guarantees: the rows are locked until the transaction ends; a scheduler skips them meanwhile. Read whole: there are
 * few declared schedules, and it runs once a start. A missing row means: no schedule has the name.
 */
const LOCK_DECLARED = `
  SELECT ${STORED_COLUMNS}, s.declared, s.xmin::text AS version
  FROM millrace.job_schedules AS s
  WHERE s.name = ANY($1::text[]) OR s.declared IS NOT NULL
  ORDER BY s.id
  FOR NO KEY UPDATE`;

/** A schedule that code declares, declared once, or has the name of one that code declares. */
export interface DeclaredSchedule extends StoredSchedule {
  version: string;
  /** What code last declared; null for a schedule that an operator made. */
  formerly: Readonly<Record<string, JsonValue>> | null;
}

/** Locks the schedules that reconciling is about. */
export async function lockDeclaredSchedules(
  db: Executor,
  names: readonly string[],
): Promise<DeclaredSchedule[]> {
  await db.query(LOCK_RECONCILING);
  const { rows } = await db.query(LOCK_DECLARED, [names]);
  // `declared` is written by reconciling alone, as an object of JSON values.
  return (rows as { declared: DeclaredSchedule["formerly"]; version: string }[]).map((row) => ({
    ...rowToStored(row),
    version: row.version,
    formerly: row.declared,
  }));
}
