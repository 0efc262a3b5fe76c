import { isUuid } from "@millrace/base";
import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

/**
 * Deletes a schedule by name or id. Returns the schedule as it was, or null if there was none.
 * Guarantees: the schedule's jobs stay, and read as jobs without a schedule; the schedule's ticks are deleted.
 * Index: job_schedules_name_key or the primary key.
 * No row: no such schedule exists.
 */
export async function deleteSchedule(db: Executor, nameOrId: string): Promise<Schedule | null> {
  const condition = isUuid(nameOrId) ? "s.id = $1::uuid" : "s.name = $1";
  const { rows } = await db.query(
    `DELETE FROM millrace.job_schedules AS s WHERE ${condition} RETURNING ${SCHEDULE_COLUMNS}`,
    [nameOrId],
  );
  return rows.length === 0 ? null : rowToSchedule(rows[0]);
}
