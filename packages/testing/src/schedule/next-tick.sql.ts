import type { Executor } from "@millrace/queue";

/**
 * Guarantees: reads only.
 * Index: job_schedules_due_idx, from its left end.
 * No row: never; a NULL means that no enabled schedule has a tick to come.
 */
const NEXT_TICK = `
  SELECT min(s.next_run_at)::text AS "tickAt"
  FROM millrace.job_schedules s
  WHERE s.enabled AND isfinite(s.next_run_at) AND s.next_run_at > now()`;

/** When the next schedule ticks, as text, to the microsecond; null if none does. */
export async function readNextTick(db: Executor): Promise<string | null> {
  const { rows } = await db.query(NEXT_TICK);
  return (rows as { tickAt: string | null }[])[0]?.tickAt ?? null;
}
