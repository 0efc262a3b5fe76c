import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

/**
 * Guarantees: reads only; a page in the order of the names.
 * Index: job_schedules_name_key.
 * No row: no schedule follows.
 */
const pageOf = (relation: "job_schedules" | "schedule_entries") => `
  SELECT ${SCHEDULE_COLUMNS} FROM millrace.${relation} AS s
  WHERE ($1::boolean IS NULL OR s.enabled = $1) AND ($2::text IS NULL OR s.name > $2)
  ORDER BY s.name
  LIMIT $3`;

const SELECT_PAGE = pageOf("job_schedules");
const SELECT_PAGE_WITHOUT_JSON = pageOf("schedule_entries");

/** Which page of schedules to read: at most `limit` schedules whose names follow `after`. */
export interface SchedulePage {
  enabled: boolean | null;
  after: string | null;
  limit: number;
  /** Whether to read payloads. Without, they are null. */
  json: boolean;
}

/** Reads a page of schedules in the order of their names. */
export async function listSchedules(db: Executor, page: SchedulePage): Promise<Schedule[]> {
  const { rows } = await db.query(page.json ? SELECT_PAGE : SELECT_PAGE_WITHOUT_JSON, [
    page.enabled,
    page.after,
    page.limit,
  ]);
  return rows.map(rowToSchedule);
}
