import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

/** Guarantees: reads only, a page by name. Index: job_schedules_name_key. Zero rows mean: the last page is over. */
const SELECT_PAGE = `
  SELECT ${SCHEDULE_COLUMNS} FROM millrace.job_schedules AS s
  WHERE ($1::boolean IS NULL OR s.enabled = $1) AND ($2::text IS NULL OR s.name > $2)
  ORDER BY s.name
  LIMIT $3`;

/** A page of schedules. */
export interface SchedulePage {
  enabled: boolean | null;
  after: string | null;
  limit: number;
}

/** Reads a page of schedules by name. */
export async function listSchedules(db: Executor, page: SchedulePage): Promise<Schedule[]> {
  const { rows } = await db.query(SELECT_PAGE, [page.enabled, page.after, page.limit]);
  return rows.map(rowToSchedule);
}
