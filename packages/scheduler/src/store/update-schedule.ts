import { type Executor, sqlStateOf } from "@millrace/queue";
import type { Schedule, ScheduleFields } from "../domain/schedule.ts";
import { ScheduleNameTakenError } from "../errors.ts";
import { FIELD_COLUMNS, rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

/** unique_violation (PostgreSQL documentation, appendix A). */
const UNIQUE_VIOLATION = "23505";

/** What to change of a schedule as it was read. */
export interface ScheduleUpdate {
  read: Pick<Schedule, "id" | "cron" | "timezone" | "enabled">;
  fields: Partial<ScheduleFields>;
  /** The new tick to come, null while disabled. Absent: it stays. */
  nextRunAt?: Date | null;
}

/**
 * Changes fields of a schedule. Guarantees: a change of expression or zone is made only to the row that was read, so
 * that the tick to come is its own. Index: the primary key. Zero rows mean: the schedule is gone, or was changed
 * meanwhile. Throws `ScheduleNameTakenError`.
 */
export async function updateSchedule(db: Executor, update: ScheduleUpdate): Promise<Schedule | null> {
  const { read, fields, nextRunAt } = update;
  const values: unknown[] = [read.id];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const changes = ["updated_at = now()"];
  for (const [field, column] of Object.entries(FIELD_COLUMNS)) {
    const value = fields[field as keyof ScheduleFields];
    if (value !== undefined) changes.push(`${column} = ${parameter(value)}`);
  }
  const conditions = ["s.id = $1::uuid"];
  if (nextRunAt !== undefined) {
    changes.push(`next_run_at = ${parameter(nextRunAt?.toISOString() ?? null)}::timestamptz`);
  }
  if (fields.cron !== undefined || fields.timezone !== undefined) {
    conditions.push(`s.cron_expr = ${parameter(read.cron)}`);
    conditions.push(`s.timezone = ${parameter(read.timezone)}`);
    conditions.push(`s.enabled = ${parameter(read.enabled)}::boolean`);
  }
  const statement = `
    UPDATE millrace.job_schedules AS s SET ${changes.join(", ")}
    WHERE ${conditions.join(" AND ")}
    RETURNING ${SCHEDULE_COLUMNS}`;
  try {
    const { rows } = await db.query(statement, values);
    return rows.length === 0 ? null : rowToSchedule(rows[0]);
  } catch (cause) {
    // The name is the only unique column that an update sets.
    if (sqlStateOf(cause) === UNIQUE_VIOLATION && fields.name !== undefined) {
      throw new ScheduleNameTakenError(fields.name, { cause });
    }
    throw cause;
  }
}
