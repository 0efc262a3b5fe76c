import type { Executor } from "@millrace/base";
import type { JobState, TickOutcome } from "@millrace/schema/values";

/** A tick, and the state that its job has now: null without a job, or when the job has been deleted. */
export interface TickWithJob {
  tickAt: Date;
  outcome: TickOutcome;
  jobId: string | null;
  jobState: JobState | null;
  recordedAt: Date;
}

/**
 * Guarantees: reads only; of each given schedule the last $2 ticks, the latest first.
 * Index: job_schedule_ticks_pkey, and the primary keys of ended_jobs and waiting_jobs. Reads the ids of all claims if
 * the job of a tick is in neither of these.
 * No row: no tick of these schedules is recorded.
 */
const READ = `
  WITH running AS MATERIALIZED (
    SELECT job.id FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
    WHERE c.open IS NULL OR job.ordinal = ANY(c.open)
  )
  SELECT given.id AS schedule_id, (extract(epoch FROM t.tick_at) * 1000)::float8 AS tick_ms, t.outcome, t.job_id,
         (extract(epoch FROM t.recorded_at) * 1000)::float8 AS recorded_ms,
         CASE WHEN t.job_id IS NOT NULL THEN coalesce(
           (SELECT e.state FROM millrace.ended_jobs e WHERE e.id = t.job_id),
           (SELECT 'queued' FROM millrace.waiting_jobs w WHERE w.id = t.job_id),
           CASE WHEN t.job_id IN (SELECT running.id FROM running) THEN 'running' END) END AS job_state
  FROM unnest($1::uuid[]) AS given(id), LATERAL (
    SELECT k.* FROM millrace.job_schedule_ticks k WHERE k.schedule_id = given.id ORDER BY k.tick_at DESC LIMIT $2
  ) AS t
  ORDER BY given.id, t.tick_at DESC`;

interface Row {
  schedule_id: string;
  tick_ms: number;
  outcome: TickOutcome;
  job_id: string | null;
  recorded_ms: number;
  job_state: JobState | null;
}

/** Reads the last ticks of each given schedule, by the schedule's id. A schedule without ticks is left out. */
export async function readScheduleTicks(
  db: Executor,
  scheduleIds: readonly string[],
  limit: number,
): Promise<Map<string, TickWithJob[]>> {
  if (scheduleIds.length === 0) return new Map();
  const { rows } = await db.query(READ, [scheduleIds, limit]);
  const bySchedule = new Map<string, TickWithJob[]>();
  // The cast rests on the columns' types and CHECKs.
  for (const row of rows as Row[]) {
    const ticks = bySchedule.get(row.schedule_id) ?? [];
    bySchedule.set(row.schedule_id, ticks);
    ticks.push({
      tickAt: new Date(row.tick_ms),
      outcome: row.outcome,
      jobId: row.job_id,
      jobState: row.job_state,
      recordedAt: new Date(row.recorded_ms),
    });
  }
  return bySchedule;
}
