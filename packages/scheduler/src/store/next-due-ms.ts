import type { Executor } from "@millrace/queue";

/**
 * Guarantees: reads only. Index: job_schedules_due_idx, from its left end. Null means: no enabled schedule has a
 * tick to come. Schedules without a next_run_at are left to the regular beat.
 */
const NEXT_DUE = `
  SELECT ceil(extract(epoch FROM min(s.next_run_at) - clock_timestamp()) * 1000)::float8 AS due_in_ms
  FROM millrace.job_schedules AS s
  WHERE s.enabled AND s.next_run_at IS NOT NULL AND isfinite(s.next_run_at) AND s.id <> ALL($1::uuid[])`;

/** How long until the next schedule is due, in ms by the database's clock; not positive when one is due already. */
export async function nextDueMs(
  db: Executor,
  { exclude }: { exclude: readonly string[] },
): Promise<number | null> {
  const { rows } = await db.query(NEXT_DUE, [exclude]);
  const [row] = rows as { due_in_ms: number | null }[];
  return row?.due_in_ms ?? null;
}
