import type { Executor } from "@millrace/queue";

/**
 * Guarantees: reads only. In a READ COMMITTED transaction, sees everything that was committed before the statement.
 * Index: waiting_jobs_schedule_idx, and claims_schedule_idx, which has only claims with jobs of schedules.
 * No row: the schedule has no queued or running job.
 */
const FIND_ACTIVE = `
  SELECT s.id
  FROM unnest($1::uuid[]) AS s(id)
  WHERE EXISTS (SELECT FROM millrace.waiting_jobs AS j WHERE j.schedule_id = s.id)
     OR s.id IN (
       SELECT job.schedule_id
       FROM millrace.claims AS c, LATERAL unnest(c.schedule_ids) WITH ORDINALITY AS job(schedule_id, ordinal)
       WHERE c.schedule_ids IS NOT NULL AND (c.open IS NULL OR job.ordinal = ANY(c.open)))`;

/** Returns the ids of the given schedules that have a queued or running job. */
export async function findActive(db: Executor, scheduleIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query(FIND_ACTIVE, [scheduleIds]);
  return new Set((rows as { id: string }[]).map((row) => row.id));
}
