import type { JsonValue } from "@millrace/queue";
import type { MisfirePolicy, OverlapPolicy } from "@millrace/schema/values";
import type { ScheduleFields } from "../domain/check-schedule.ts";
import type { Schedule } from "../domain/schedule.ts";
import { scheduleStatus } from "../domain/schedule-status.ts";
import { stepWarnings } from "../domain/step-warnings.ts";

/** The column of each checked field. */
export const FIELD_COLUMNS: Readonly<Record<keyof ScheduleFields, string>> = {
  name: "name",
  jobType: "job_type",
  cron: "cron_expr",
  everyMs: "every_ms",
  anchor: "anchor",
  timezone: "timezone",
  queue: "queue",
  payload: "payload",
  priority: "priority",
  maxAttempts: "max_attempts",
  misfire: "misfire",
  overlap: "overlap",
  jitterMs: "jitter_ms",
  startsAt: "starts_at",
  endsAt: "ends_at",
  maxRuns: "max_runs",
};

/** The columns that `rowToStored` reads, of a table named `s`. Instants are in ms, so that no driver parses dates. */
export const STORED_COLUMNS = `
  s.id, s.name, s.job_type, s.queue, s.payload, s.priority, s.cron_expr, s.timezone, s.enabled, s.max_attempts,
  s.misfire, s.overlap, s.jitter_ms, s.every_ms::float8 AS every_ms, s.max_runs, s.runs,
  s.declared IS NOT NULL AS is_declared,
  (extract(epoch FROM s.anchor) * 1000)::float8 AS anchor_ms,
  (extract(epoch FROM s.starts_at) * 1000)::float8 AS starts_ms,
  (extract(epoch FROM s.ends_at) * 1000)::float8 AS ends_ms,
  (extract(epoch FROM s.next_run_at) * 1000)::float8 AS next_run_ms,
  (extract(epoch FROM s.last_run_at) * 1000)::float8 AS last_run_ms,
  (extract(epoch FROM s.created_at) * 1000)::float8 AS created_ms,
  (extract(epoch FROM s.updated_at) * 1000)::float8 AS updated_ms,
  (extract(epoch FROM now()) * 1000)::float8 AS now_ms`;

/**
 * The columns that `rowToSchedule` reads: the stored columns, and `handled`. `handled` is true if a worker of the last
 * minute has a task for the jobs. A worker writes its row every 10 s.
 */
export const SCHEDULE_COLUMNS = `${STORED_COLUMNS},
  EXISTS (SELECT FROM millrace.workers AS w
          WHERE w.seen_at > now() - interval '1 minute' AND s.job_type = ANY(w.types)) AS handled`;

/** A schedule without its status, which depends on more than the schedule's row, and without what only people read. */
export type StoredSchedule = Omit<Schedule, "status" | "warnings">;

type Row = Record<string, unknown>;

/** Turns a row of `SCHEDULE_COLUMNS` into a `Schedule`. */
export function rowToSchedule(value: unknown): Schedule {
  const row = value as Row;
  const stored = rowToStored(row);
  const now = msToDate(row["now_ms"]) ?? new Date(Number.NaN);
  const status = scheduleStatus({ ...stored, handled: row["handled"] === true, now });
  return { ...stored, status, warnings: warningsOf(stored.cron) };
}

function warningsOf(cron: string | null): readonly string[] {
  try {
    return cron === null ? [] : stepWarnings(cron);
  } catch {
    // Only an expression that was written by hand cannot be parsed. The status says so.
    return [];
  }
}

/**
 * Turns a row of `STORED_COLUMNS` into a schedule.
 * The casts rely on the columns' types and CHECKs. A test reads back a row with every column set.
 */
export function rowToStored(value: unknown): StoredSchedule {
  const row = value as Row;
  return {
    id: row["id"] as string,
    name: row["name"] as string,
    jobType: row["job_type"] as string,
    queue: row["queue"] as string,
    payload: row["payload"] as JsonValue,
    priority: row["priority"] as number,
    cron: row["cron_expr"] as string | null,
    everyMs: row["every_ms"] as number | null,
    anchor: msToDate(row["anchor_ms"]),
    timezone: row["timezone"] as string,
    enabled: row["enabled"] as boolean,
    maxAttempts: row["max_attempts"] as number,
    misfire: row["misfire"] as MisfirePolicy,
    overlap: row["overlap"] as OverlapPolicy,
    jitterMs: row["jitter_ms"] as number,
    startsAt: msToDate(row["starts_ms"]),
    endsAt: msToDate(row["ends_ms"]),
    maxRuns: row["max_runs"] as number | null,
    runs: row["runs"] as number,
    declared: row["is_declared"] as boolean,
    nextRunAt: msToDate(row["next_run_ms"]),
    lastRunAt: msToDate(row["last_run_ms"]),
    createdAt: new Date(row["created_ms"] as number),
    updatedAt: new Date(row["updated_ms"] as number),
  };
}

/** Turns ms into a `Date`. Returns null for NULL, and for `infinity`, which stands for a tick that never comes. */
export function msToDate(ms: unknown): Date | null {
  return typeof ms === "number" && Number.isFinite(ms) ? new Date(ms) : null;
}

/**
 * Returns the next tick as statements take it: a schedule without a further tick is stored with `infinity`, not NULL.
 */
export function nextRunText(next: Date | null): string {
  return next?.toISOString() ?? "infinity";
}
