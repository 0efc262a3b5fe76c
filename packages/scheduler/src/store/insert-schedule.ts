import type { Executor } from "@millrace/queue";
import type { ScheduleFields } from "../domain/check-schedule.ts";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";
import { notifying } from "./schedules-channel.ts";

/**
 * Guarantees: one row per name. The commit wakes the schedulers.
 * Index: job_schedules_name_key.
 * No row: the name was taken.
 */
const INSERT_UNLESS_TAKEN = notifying(`
  INSERT INTO millrace.job_schedules AS s
    (name, job_type, cron_expr, timezone, queue, payload, priority, max_attempts, misfire, overlap, enabled,
     jitter_ms, starts_at, ends_at, declared, next_run_at, every_ms, anchor, max_runs, created_at)
  VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::smallint, $8::int, $9, $10, $11::boolean,
          $12::int, $13::timestamptz, $14::timestamptz, $15::jsonb, $16::timestamptz, $17::bigint, $18::timestamptz,
          $19::int, $20::timestamptz)
  ON CONFLICT (name) DO NOTHING
  RETURNING ${SCHEDULE_COLUMNS}`);

/** A checked schedule with its first tick. A disabled schedule has no first tick. */
export interface ScheduleInsert extends ScheduleFields {
  enabled: boolean;
  nextRunAt: Date | null;
  /** The instant that the first tick was computed from: an interval may count from this instant. */
  createdAt: Date;
  /** The values that code declares, as JSON text; null when an operator makes the schedule. */
  declared: string | null;
}

/** Inserts a schedule. Does nothing and returns null when the name is taken. */
export async function insertSchedule(db: Executor, schedule: ScheduleInsert): Promise<Schedule | null> {
  const { rows } = await db.query(INSERT_UNLESS_TAKEN, [
    schedule.name,
    schedule.jobType,
    schedule.cron,
    schedule.timezone,
    schedule.queue,
    schedule.payload,
    schedule.priority,
    schedule.maxAttempts,
    schedule.misfire,
    schedule.overlap,
    schedule.enabled,
    schedule.jitterMs,
    schedule.startsAt,
    schedule.endsAt,
    schedule.declared,
    schedule.nextRunAt?.toISOString() ?? null,
    schedule.everyMs,
    schedule.anchor,
    schedule.maxRuns,
    schedule.createdAt.toISOString(),
  ]);
  return rows.length === 0 ? null : rowToSchedule(rows[0]);
}
