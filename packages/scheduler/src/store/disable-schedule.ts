import { isUuid } from "@millrace/base";
import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

/**
 * Disables a schedule by name or id.
 * Guarantees: after the commit, no tick makes a job. A tick that is due while the schedule is disabled is never a
 * misfire, because enabling computes a new next tick.
 * Index: job_schedules_name_key or the primary key.
 * No row: no such schedule exists.
 */
export async function disableSchedule(db: Executor, nameOrId: string): Promise<Schedule | null> {
  const condition = isUuid(nameOrId) ? "s.id = $1::uuid" : "s.name = $1";
  const { rows } = await db.query(
    `UPDATE millrace.job_schedules AS s SET enabled = false, next_run_at = NULL, updated_at = now()
     WHERE ${condition}
     RETURNING ${SCHEDULE_COLUMNS}`,
    [nameOrId],
  );
  return rows.length === 0 ? null : rowToSchedule(rows[0]);
}
