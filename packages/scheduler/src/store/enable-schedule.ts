import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import type { VersionedSchedule } from "./find-schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";
import { notifying } from "./schedules-channel.ts";

/**
 * Guarantees: the next tick fits the row's expression, zone and window, because nobody wrote the row since it was read.
 * The commit wakes the schedulers.
 * Index: the primary key.
 * No row: the schedule was deleted or written since the read.
 */
const ENABLE = notifying(`
  UPDATE millrace.job_schedules AS s SET enabled = true, next_run_at = $3::timestamptz, updated_at = now()
  WHERE s.id = $1::uuid AND s.xmin::text = $2
  RETURNING ${SCHEDULE_COLUMNS}`);

/**
 * Enables a schedule as it was read, with its next tick. Returns null if the row was written or deleted since the read.
 */
export async function enableSchedule(
  db: Executor,
  { schedule, version }: VersionedSchedule,
  nextRunAt: Date,
): Promise<Schedule | null> {
  const { rows } = await db.query(ENABLE, [schedule.id, version, nextRunAt.toISOString()]);
  return rows.length === 0 ? null : rowToSchedule(rows[0]);
}
