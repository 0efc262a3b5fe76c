import type { Executor } from "@millrace/queue";
import type { TickOutcome } from "@millrace/schema/values";

/** How many ticks of a schedule are kept. */
export const TICKS_KEPT = 100;

/**
 * Guarantees: one row per tick, with its latest outcome. Of each given schedule, all rows older than its last
 * `TICKS_KEPT` ticks are deleted.
 * Index: job_schedule_ticks_pkey.
 * No row: always; the statement returns no rows.
 *
 * A statement does not see the rows that it writes, so `boundary` counts over the old rows and the given rows.
 */
const RECORD = `
  WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[])
      AS g(schedule_id, tick_at, outcome, job_id)
  ), written AS (
    INSERT INTO millrace.job_schedule_ticks AS t (schedule_id, tick_at, outcome, job_id)
    SELECT schedule_id, tick_at, outcome, job_id FROM given
    ON CONFLICT (schedule_id, tick_at) DO UPDATE
      SET outcome = excluded.outcome, job_id = excluded.job_id, recorded_at = now()
  )
  DELETE FROM millrace.job_schedule_ticks AS t
  USING (SELECT DISTINCT schedule_id FROM given) AS s,
    LATERAL (
      SELECT known.tick_at
      FROM (
        (SELECT k.tick_at FROM millrace.job_schedule_ticks AS k
         WHERE k.schedule_id = s.schedule_id ORDER BY k.tick_at DESC LIMIT ${TICKS_KEPT + 1})
        UNION
        SELECT g.tick_at FROM given AS g WHERE g.schedule_id = s.schedule_id
      ) AS known
      ORDER BY known.tick_at DESC OFFSET ${TICKS_KEPT} LIMIT 1
    ) AS boundary
  WHERE t.schedule_id = s.schedule_id AND t.tick_at <= boundary.tick_at`;

/** A tick and its outcome. */
export interface TickRecord {
  scheduleId: string;
  tickAt: Date;
  outcome: TickOutcome;
  jobId: string | null;
}

/** Records ticks of locked schedules. No tick may be given twice. */
export async function recordTicks(db: Executor, ticks: readonly TickRecord[]): Promise<void> {
  await db.query(RECORD, [
    ticks.map((tick) => tick.scheduleId),
    ticks.map((tick) => tick.tickAt.toISOString()),
    ticks.map((tick) => tick.outcome),
    ticks.map((tick) => tick.jobId),
  ]);
}
