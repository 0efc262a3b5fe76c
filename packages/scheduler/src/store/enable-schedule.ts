import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

/**
 * Guarantees: an enabled schedule's tick to come is of its own expression and zone, as they are now. Index: the
 * primary key. Zero rows mean: the schedule is gone, or was changed meanwhile.
 */
const ENABLE = `
  UPDATE millrace.job_schedules AS s SET enabled = true, next_run_at = $4::timestamptz, updated_at = now()
  WHERE s.id = $1::uuid AND s.cron_expr = $2 AND s.timezone = $3
  RETURNING ${SCHEDULE_COLUMNS}`;

/** Enables a schedule as it was read, with its next tick. */
export async function enableSchedule(
  db: Executor,
  read: Pick<Schedule, "id" | "cron" | "timezone">,
  nextRunAt: Date,
): Promise<Schedule | null> {
  const { rows } = await db.query(ENABLE, [read.id, read.cron, read.timezone, nextRunAt.toISOString()]);
  return rows.length === 0 ? null : rowToSchedule(rows[0]);
}
