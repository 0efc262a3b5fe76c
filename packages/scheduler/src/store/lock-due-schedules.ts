import type { Executor } from "@millrace/queue";
import { msToDate, rowToStored, STORED_COLUMNS, type StoredSchedule } from "./schedule-columns.ts";

/**
 * Guarantees: the rows are locked until the transaction ends, and no other scheduler has locked any of these rows.
 * NO KEY: other transactions may still refer to the rows, so that an enqueue for a schedule does not hide the schedule.
 * Index: job_schedules_due_idx, for both conditions on next_run_at.
 * No row: no schedule is due, or all due schedules are locked.
 */
const LOCK_DUE = `
  SELECT ${STORED_COLUMNS},
         extract(epoch FROM s.next_run_at)::text AS next_run_read, s.payload::text AS payload_text
  FROM millrace.job_schedules AS s
  WHERE s.enabled AND (s.next_run_at <= now() OR s.next_run_at IS NULL) AND s.id <> ALL($2::uuid[])
  ORDER BY s.next_run_at NULLS LAST, s.id
  LIMIT $1
  FOR NO KEY UPDATE OF s SKIP LOCKED`;

/** A due schedule, as it was read and locked. */
export interface DueSchedule extends StoredSchedule {
  /**
   * The very `next_run_at` that was read, in s, to the microsecond. The advance of the schedule compares this value.
   */
  nextRunRead: string | null;
  /** The payload as PostgreSQL writes it: no number is rounded. */
  payloadText: string;
  /** The time by the database's clock. */
  now: Date;
}

/** How many due schedules to lock, and the ids of the schedules to leave out. */
export interface LockOptions {
  limit: number;
  exclude: readonly string[];
}

/** Locks due schedules in the transaction `db`: the longest due first, schedules without a `next_run_at` last. */
export async function lockDueSchedules(
  db: Executor,
  { limit, exclude }: LockOptions,
): Promise<DueSchedule[]> {
  const { rows } = await db.query(LOCK_DUE, [limit, exclude]);
  return (rows as Record<string, unknown>[]).map((row) => ({
    ...rowToStored(row),
    nextRunRead: row["next_run_read"] as string | null,
    payloadText: row["payload_text"] as string,
    now: msToDate(row["now_ms"]) ?? new Date(Number.NaN),
  }));
}
