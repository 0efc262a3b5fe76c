import type { Executor } from "@millrace/queue";

/**
 * Guarantees: reads only. Leaves out paused queues, and jobs that wait for the end of another job.
 * Index: none; a test database has few jobs.
 * No row: no job waits for time or for a worker.
 */
const DUE_WORK = `
  SELECT j.queue, j.type, min(j.run_at)::text AS "dueAt", min(j.run_at) <= now() AS "isDue"
  FROM millrace.waiting_jobs j
  WHERE isfinite(j.run_at)
    AND NOT EXISTS (SELECT FROM millrace.job_queues q WHERE q.name = j.queue AND q.paused_at IS NOT NULL)
  GROUP BY j.queue, j.type ORDER BY min(j.run_at), j.queue, j.type`;

/** The waiting jobs of one type in one queue. */
export interface DueWork {
  queue: string;
  type: string;
  /** When the first of the jobs is or comes due, as text, to the microsecond. */
  dueAt: string;
  isDue: boolean;
}

/** Reads which jobs wait, those that come due first before the others. */
export async function readDueWork(db: Executor): Promise<DueWork[]> {
  const { rows } = await db.query(DUE_WORK);
  return rows as DueWork[];
}
