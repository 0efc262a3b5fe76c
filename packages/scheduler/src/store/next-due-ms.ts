import type { Executor } from "@millrace/queue";

/**
 * Guarantees: reads only. Leaves schedules without a next_run_at to the regular round.
 * Index: job_schedules_due_idx, from its left end.
 * No row: never; a NULL means that no enabled schedule has a tick to come.
 */
const NEXT_DUE = `
  SELECT ceil(extract(epoch FROM min(s.next_run_at) - clock_timestamp()) * 1000)::float8 AS due_in_ms
  FROM millrace.job_schedules AS s
  WHERE s.enabled AND s.next_run_at IS NOT NULL AND isfinite(s.next_run_at) AND s.id <> ALL($1::uuid[])`;

/**
 * Returns how long until the next schedule is due, in ms by the database's clock; not positive when a schedule is due
 * already, and null when no tick is to come.
 */
export async function nextDueMs(
  db: Executor,
  { exclude }: { exclude: readonly string[] },
): Promise<number | null> {
  const { rows } = await db.query(NEXT_DUE, [exclude]);
  const [row] = rows as { due_in_ms: number | null }[];
  return row?.due_in_ms ?? null;
}
