import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

/**
 * Guarantees: reads only; a page in the order of the names.
 * Index: job_schedules_name_key.
 * No row: no schedule follows.
 */
const SELECT_PAGE = `
  SELECT ${SCHEDULE_COLUMNS} FROM millrace.job_schedules AS s
  WHERE ($1::boolean IS NULL OR s.enabled = $1) AND ($2::text IS NULL OR s.name > $2)
  ORDER BY s.name
  LIMIT $3`;

/** Which page of schedules to read: at most `limit` schedules whose names follow `after`. */
export interface SchedulePage {
  enabled: boolean | null;
  after: string | null;
  limit: number;
}

/** Reads a page of schedules in the order of their names. */
export async function listSchedules(db: Executor, page: SchedulePage): Promise<Schedule[]> {
  const { rows } = await db.query(SELECT_PAGE, [page.enabled, page.after, page.limit]);
  return rows.map(rowToSchedule);
}
