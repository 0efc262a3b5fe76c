import type { Executor } from "@millrace/base";
import { hasLivingWorker } from "../wake/living-worker.sql.ts";

/**
 * Guarantees: reads only.
 * Index: the primary key of waiting_jobs; reads all rows of workers.
 * No row: the job is not queued, or not due, or a living worker claims from its queue and has its task.
 */
const WAITS = `
  SELECT j.id FROM millrace.waiting_jobs j
  WHERE j.id = $1 AND j.run_at <= now() AND NOT ${hasLivingWorker("j.queue", "j.type")}`;

/** Whether a job is queued and due, and no living worker claims from its queue and has its task. */
export async function waitsForWorker(db: Executor, id: string): Promise<boolean> {
  const { rows } = await db.query(WAITS, [id]);
  return rows.length > 0;
}
