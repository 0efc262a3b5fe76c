import type { JsonValue } from "@millrace/queue";
import type { MisfirePolicy, OverlapPolicy } from "@millrace/schema";
import type { Schedule, ScheduleFields } from "../domain/schedule.ts";

/** The column of each field that a schedule is written with. */
export const FIELD_COLUMNS: Readonly<Record<keyof ScheduleFields, string>> = {
  name: "name",
  jobType: "job_type",
  cron: "cron_expr",
  timezone: "timezone",
  queue: "queue",
  payload: "payload",
  priority: "priority",
  maxAttempts: "max_attempts",
  misfire: "misfire",
  overlap: "overlap",
};

/** What `rowToSchedule` reads, of a table named `s`. Instants are ms, so that no driver's date parsing matters. */
export const SCHEDULE_COLUMNS = `
  s.id, s.name, s.job_type, s.queue, s.payload, s.priority, s.cron_expr, s.timezone, s.enabled, s.max_attempts,
  s.misfire, s.overlap,
  (extract(epoch FROM s.next_run_at) * 1000)::float8 AS next_run_ms,
  (extract(epoch FROM s.last_run_at) * 1000)::float8 AS last_run_ms,
  (extract(epoch FROM s.created_at) * 1000)::float8 AS created_ms,
  (extract(epoch FROM s.updated_at) * 1000)::float8 AS updated_ms`;

type Row = Record<string, unknown>;

/**
 * A row of millrace.job_schedules as a Schedule. The casts are allowed here, at the boundary: the columns' types
 * and CHECKs are what they rest on, and a test reads back a row with every column set.
 */
export function rowToSchedule(value: unknown): Schedule {
  const row = value as Row;
  return {
    id: row["id"] as string,
    name: row["name"] as string,
    jobType: row["job_type"] as string,
    queue: row["queue"] as string,
    payload: row["payload"] as JsonValue,
    priority: row["priority"] as number,
    cron: row["cron_expr"] as string,
    timezone: row["timezone"] as string,
    enabled: row["enabled"] as boolean,
    maxAttempts: row["max_attempts"] as number,
    misfire: row["misfire"] as MisfirePolicy,
    overlap: row["overlap"] as OverlapPolicy,
    nextRunAt: msToDate(row["next_run_ms"]),
    lastRunAt: msToDate(row["last_run_ms"]),
    createdAt: new Date(row["created_ms"] as number),
    updatedAt: new Date(row["updated_ms"] as number),
  };
}

/** Null also for `infinity`, which only hand-written SQL puts there. */
export function msToDate(ms: unknown): Date | null {
  return typeof ms === "number" && Number.isFinite(ms) ? new Date(ms) : null;
}
