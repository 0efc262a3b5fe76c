import { sqlStateOf } from "@millrace/base";
import type { Executor } from "@millrace/queue";
import type { ScheduleFields } from "../domain/check-schedule.ts";
import type { Schedule } from "../domain/schedule.ts";
import { ScheduleNameTakenError } from "../errors.ts";
import { FIELD_COLUMNS, nextRunText, rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";
import { notifying } from "./schedules-channel.ts";

/** unique_violation (PostgreSQL documentation, appendix A). */
const UNIQUE_VIOLATION = "23505";

/** What to change of a schedule as it was read. */
export interface ScheduleUpdate {
  id: string;
  /** The version of the row that was read. */
  version: string;
  fields: Partial<ScheduleFields>;
  /** The new next tick: `none` while disabled, null when there is no further tick. Absent: the next tick stays. */
  nextRunAt?: Date | null | "none";
  /** The values that code declares, as JSON text. Absent: the declared values stay. */
  declared?: string;
}

/**
 * Changes fields of a schedule. Returns null if the row was written or deleted since the read. Throws
 * `ScheduleNameTakenError`.
 *
 * Guarantees: only the row that was read is changed, so that decisions made from this row hold: the next tick, and that
 * the payload fits. The commit wakes the schedulers.
 * Index: the primary key.
 * No row: the schedule was deleted or written since the read.
 */
export async function updateSchedule(db: Executor, update: ScheduleUpdate): Promise<Schedule | null> {
  const { id, version, fields, nextRunAt, declared } = update;
  const values: unknown[] = [id, version];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const changes = ["updated_at = now()"];
  for (const [field, column] of Object.entries(FIELD_COLUMNS)) {
    const value = fields[field as keyof ScheduleFields];
    if (value !== undefined) changes.push(`${column} = ${parameter(value)}`);
  }
  if (nextRunAt !== undefined) {
    const text = nextRunAt === "none" ? null : nextRunText(nextRunAt);
    changes.push(`next_run_at = ${parameter(text)}::timestamptz`);
  }
  if (declared !== undefined) changes.push(`declared = ${parameter(declared)}::jsonb`);
  const statement = notifying(`
    UPDATE millrace.job_schedules AS s SET ${changes.join(", ")}
    WHERE s.id = $1::uuid AND s.xmin::text = $2
    RETURNING ${SCHEDULE_COLUMNS}`);
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
