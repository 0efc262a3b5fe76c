import type { Executor } from "@millrace/base";

/** How the schedules of the database are, and the time. */
export interface ScheduleFigures {
  now: Date;
  enabled: number;
  /** Enabled schedules whose tick is more than a minute late. */
  overdue: number;
  /** The next tick of all schedules; null when none is to come. */
  nextRunAt: Date | null;
}

/**
 * Guarantees: reads only.
 * Index: job_schedules_due_idx, which has all that is read.
 * No row: never.
 */
const READ = `
  SELECT (extract(epoch FROM now()) * 1000)::float8 AS now_ms, count(*)::int AS enabled,
         count(*) FILTER (WHERE s.next_run_at < now() - interval '1 minute')::int AS overdue,
         (extract(epoch FROM min(s.next_run_at) FILTER (WHERE isfinite(s.next_run_at))) * 1000)::float8 AS next_ms
  FROM millrace.job_schedules s WHERE s.enabled`;

/** Counts the enabled and the overdue schedules, and finds the next tick. */
export async function readScheduleFigures(db: Executor): Promise<ScheduleFigures> {
  const { rows } = await db.query(READ);
  const [row] = rows as { now_ms: number; enabled: number; overdue: number; next_ms: number | null }[];
  const { now_ms = Number.NaN, enabled = 0, overdue = 0, next_ms = null } = row ?? {};
  return { now: new Date(now_ms), enabled, overdue, nextRunAt: next_ms === null ? null : new Date(next_ms) };
}
