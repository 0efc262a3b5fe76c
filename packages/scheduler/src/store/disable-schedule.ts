import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import type { VersionedSchedule } from "./find-schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

/**
 * Disables a schedule as it was read. Returns null if the row was written or deleted since the read.
 * Guarantees: after the commit, no tick makes a job. A tick that is due while the schedule is disabled is never a
 * misfire, because enabling computes a new next tick. What was read is what was changed.
 * Index: the primary key.
 * No row: the schedule was deleted or written since the read.
 */
export async function disableSchedule(
  db: Executor,
  { schedule, version }: VersionedSchedule,
): Promise<Schedule | null> {
  const { rows } = await db.query(
    `UPDATE millrace.job_schedules AS s SET enabled = false, next_run_at = NULL, updated_at = now()
     WHERE s.id = $1::uuid AND s.xmin::text = $2
     RETURNING ${SCHEDULE_COLUMNS}`,
    [schedule.id, version],
  );
  return rows.length === 0 ? null : rowToSchedule(rows[0]);
}
