import { isUuid } from "@millrace/base";
import type { Executor } from "@millrace/queue";

/**
 * Deletes a schedule by name or id. Guarantees: its jobs stay, with no schedule. Index: job_schedules_name_key or
 * the primary key; jobs_schedule_idx serves the foreign key. False means: there is no such schedule.
 */
export async function deleteSchedule(db: Executor, nameOrId: string): Promise<boolean> {
  const condition = isUuid(nameOrId) ? "s.id = $1::uuid" : "s.name = $1";
  const { rows } = await db.query(
    `DELETE FROM millrace.job_schedules AS s WHERE ${condition} RETURNING s.id`,
    [nameOrId],
  );
  return rows.length > 0;
}
