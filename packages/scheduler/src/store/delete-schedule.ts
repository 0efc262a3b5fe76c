import { isUuid } from "@millrace/base";
import type { Executor } from "@millrace/queue";

/**
 * Deletes a schedule by name or id. Returns whether the schedule existed.
 * Guarantees: the schedule's jobs stay, and read as jobs without a schedule; the schedule's ticks are deleted.
 * Index: job_schedules_name_key or the primary key.
 * No row: no such schedule exists.
 */
export async function deleteSchedule(db: Executor, nameOrId: string): Promise<boolean> {
  const condition = isUuid(nameOrId) ? "s.id = $1::uuid" : "s.name = $1";
  const { rows } = await db.query(
    `DELETE FROM millrace.job_schedules AS s WHERE ${condition} RETURNING s.id`,
    [nameOrId],
  );
  return rows.length > 0;
}
