import type { Executor } from "@millrace/base";
import { hasLivingWorker } from "../wake/living-worker.sql.ts";

/**
 * Guarantees: reads only. Index: the primary key; the table of workers has a row for each worker. No row: the job is
 * not queued, not due yet, or a living worker of its queue knows its type.
 */
const WAITS = `
  SELECT j.id FROM millrace.waiting_jobs j
  WHERE j.id = $1 AND j.run_at <= now() AND NOT ${hasLivingWorker("j.queue", "j.type")}`;

/** Whether a job is due, and waits for a worker that has its task. */
export async function waitsForWorker(db: Executor, id: string): Promise<boolean> {
  const { rows } = await db.query(WAITS, [id]);
  return rows.length > 0;
}
