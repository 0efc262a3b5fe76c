import type { Pool } from "pg";

/** A failed job, as `top` shows it. */
export interface FailureSample {
  readonly id: string;
  readonly queue: string;
  readonly type: string;
  readonly failedAt: Date;
  /** The first line of the error. */
  readonly error: string | null;
}

/** How many ended jobs are looked at. `top` runs the statement every 2 s, so its cost must not grow with the table. */
export const ENDED_LOOKED_AT = 10_000;

/**
 * Guarantees: reads only. Looks at the newest ended jobs, by their enqueue: an older job that failed just now is left
 * out.
 * Index: the primary key of ended_jobs, backward.
 * No row: none of the jobs looked at has failed.
 */
const RECENT_FAILURES = `
  SELECT e.id, e.queue, e.type, e.ended_at AS "failedAt", left(split_part(e.last_error, E'\\n', 1), 500) AS error
  FROM (SELECT * FROM millrace.ended_jobs ORDER BY id DESC LIMIT ${ENDED_LOOKED_AT}) AS e
  WHERE e.state = 'failed' ORDER BY e.ended_at DESC LIMIT $1`;

/** Returns the jobs that failed last, of the newest jobs. */
export async function recentFailures(pool: Pool, limit: number): Promise<FailureSample[]> {
  const { rows } = await pool.query<FailureSample>(RECENT_FAILURES, [limit]);
  return rows;
}
