import { type Executor, isUuid } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

const SELECT = `SELECT ${SCHEDULE_COLUMNS} FROM millrace.job_schedules AS s`;

/**
 * Reads one schedule by name or id. Guarantees: reads only. Index: job_schedules_name_key or the primary key.
 * Zero rows mean: there is no such schedule.
 */
export async function findSchedule(db: Executor, nameOrId: string): Promise<Schedule | null> {
  const condition = isUuid(nameOrId) ? "s.id = $1::uuid" : "s.name = $1";
  const { rows } = await db.query(`${SELECT} WHERE ${condition}`, [nameOrId]);
  return rows.length === 0 ? null : rowToSchedule(rows[0]);
}
