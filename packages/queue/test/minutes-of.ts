import type pg from "pg";
import type { MinuteCounts } from "../src/index.ts";

/** Counts of nothing. */
export const NOTHING: MinuteCounts = {
  completed: 0,
  failed: 0,
  canceled: 0,
  retried: 0,
  crashed: 0,
  refused: 0,
};

/** The sums of what was counted of a queue, in all minutes. */
export async function minutesOf(pool: pg.Pool, queue: string): Promise<MinuteCounts> {
  const { rows } = await pool.query<MinuteCounts>(
    `SELECT coalesce(sum(completed), 0)::int AS completed, coalesce(sum(failed), 0)::int AS failed,
            coalesce(sum(canceled), 0)::int AS canceled, coalesce(sum(retried), 0)::int AS retried,
            coalesce(sum(crashed), 0)::int AS crashed, coalesce(sum(refused), 0)::int AS refused
     FROM millrace.queue_minutes WHERE queue = $1`,
    [queue],
  );
  return rows[0] ?? NOTHING;
}
