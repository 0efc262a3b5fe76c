import type { Pool } from "pg";

/** A running job, as `top` shows it. */
export interface RunningSample {
  readonly id: string;
  readonly queue: string;
  readonly type: string;
  readonly workerId: string;
  readonly lastRunAt: Date | null;
}

/**
 * Guarantees: reads only. The jobs that run longest come first; those that have not begun come last.
 * Index: none; unpacks all claims, without their payloads.
 * No row: no job is running.
 */
const LONGEST_RUNNING = `
  SELECT r.id, r.queue, r.type, r.worker_id AS "workerId", r.last_run_at AS "lastRunAt"
  FROM millrace.running_jobs r ORDER BY r.last_run_at NULLS LAST, r.id LIMIT $1`;

/** Returns the jobs that run longest. */
export async function longestRunning(pool: Pool, limit: number): Promise<RunningSample[]> {
  const { rows } = await pool.query<RunningSample>(LONGEST_RUNNING, [limit]);
  return rows;
}
