import type { Executor } from "@millrace/queue";
import { msToDate, rowToStored, STORED_COLUMNS, type StoredSchedule } from "./schedule-columns.ts";

/**
 * Guarantees: the rows are locked until the transaction ends, and none of them is another scheduler's. They may be
 * referenced meanwhile (NO KEY), so that a job enqueued elsewhere does not hide its schedule. Index:
 * job_schedules_due_idx for both arms. Zero rows mean: nothing is due, or what is due is locked.
 */
const LOCK_DUE = `
  SELECT ${STORED_COLUMNS},
         extract(epoch FROM s.next_run_at)::text AS next_run_read
  FROM millrace.job_schedules AS s
  WHERE s.enabled AND (s.next_run_at <= now() OR s.next_run_at IS NULL) AND s.id <> ALL($2::uuid[])
  ORDER BY s.next_run_at NULLS LAST, s.id
  LIMIT $1
  FOR NO KEY UPDATE OF s SKIP LOCKED`;

/** A due schedule, as it is locked. */
export interface DueSchedule extends StoredSchedule {
  /** The very `next_run_at` that was read, in s, to the microsecond; it guards the advance. */
  nextRunRead: string | null;
  /** The database's clock. */
  now: Date;
}

/** How many due schedules to lock, and which to leave alone. */
export interface LockOptions {
  limit: number;
  exclude: readonly string[];
}

/** Locks due schedules of the transaction `db`, the longest due first, those without a `next_run_at` last. */
export async function lockDueSchedules(
  db: Executor,
  { limit, exclude }: LockOptions,
): Promise<DueSchedule[]> {
  const { rows } = await db.query(LOCK_DUE, [limit, exclude]);
  return (rows as Record<string, unknown>[]).map((row) => ({
    ...rowToStored(row),
    nextRunRead: row["next_run_read"] as string | null,
    now: msToDate(row["now_ms"]) ?? new Date(Number.NaN),
  }));
}
