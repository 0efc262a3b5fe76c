import type { Executor } from "@millrace/queue";
import type { TickOutcome } from "@millrace/schema/values";
import type { ScheduleTick } from "../domain/schedule.ts";

/**
 * Guarantees: reads only; the latest tick first.
 * Index: job_schedule_ticks_pkey.
 * No row: no tick of the schedule is recorded.
 */
const SELECT_TICKS = `
  SELECT (extract(epoch FROM t.tick_at) * 1000)::float8 AS tick_ms, t.outcome, t.job_id,
         (extract(epoch FROM t.recorded_at) * 1000)::float8 AS recorded_ms
  FROM millrace.job_schedule_ticks AS t
  WHERE t.schedule_id = $1::uuid
  ORDER BY t.tick_at DESC
  LIMIT $2`;

interface Row {
  tick_ms: number;
  outcome: TickOutcome;
  job_id: string | null;
  recorded_ms: number;
}

/** Reads the last ticks of a schedule, with their outcomes. */
export async function listTicks(db: Executor, scheduleId: string, limit: number): Promise<ScheduleTick[]> {
  const { rows } = await db.query(SELECT_TICKS, [scheduleId, limit]);
  // The cast rests on the columns' types and on the CHECK of the outcome.
  return (rows as Row[]).map((row) => ({
    tickAt: new Date(row.tick_ms),
    outcome: row.outcome,
    jobId: row.job_id,
    recordedAt: new Date(row.recorded_ms),
  }));
}
