import type { Executor, JsonValue } from "@millrace/queue";
import { rowToStored, STORED_COLUMNS, type StoredSchedule } from "./schedule-columns.ts";

/**
 * Guarantees: no other process reconciles until the transaction ends, so that two workers that start together reconcile
 * one after the other. The lock belongs to the transaction, so that the lock works through a pooler.
 * Index: none; reads no table.
 * No row: never; one row in every case.
 */
const LOCK_RECONCILING = "SELECT pg_advisory_xact_lock(hashtextextended('millrace.job_schedules', 0))";

/**
 * Guarantees: the rows are locked until the transaction ends; a scheduler skips these rows meanwhile.
 * Index: none. The table is read whole, once per start of a worker.
 * No row: no schedule has the name.
 */
const LOCK_DECLARED = `
  SELECT ${STORED_COLUMNS}, s.declared, s.xmin::text AS version
  FROM millrace.job_schedules AS s
  WHERE s.name = ANY($1::text[]) OR s.declared IS NOT NULL
  ORDER BY s.id
  FOR NO KEY UPDATE`;

/** A schedule that code declared before, or a schedule that has a declared name. */
export interface DeclaredSchedule extends StoredSchedule {
  version: string;
  /** The values that code declared last. Null for a schedule that an operator made. */
  formerly: Readonly<Record<string, JsonValue>> | null;
}

/** Locks and returns the schedules that have one of the names, and all schedules that code ever declared. */
export async function lockDeclaredSchedules(
  db: Executor,
  names: readonly string[],
): Promise<DeclaredSchedule[]> {
  await db.query(LOCK_RECONCILING);
  const { rows } = await db.query(LOCK_DECLARED, [names]);
  // Only reconciling writes `declared`, as an object of JSON values.
  return (rows as { declared: DeclaredSchedule["formerly"]; version: string }[]).map((row) => ({
    ...rowToStored(row),
    version: row.version,
    formerly: row.declared,
  }));
}
