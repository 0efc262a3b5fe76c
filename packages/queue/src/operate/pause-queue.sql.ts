import type { Executor } from "@millrace/base";

/**
 * Guarantees: the queue is paused; an earlier pause keeps its time.
 * Index: the primary key of job_queues.
 * No row: the queue was paused before.
 */
const PAUSE = `
  INSERT INTO millrace.job_queues AS q (name, paused_at) VALUES ($1, now())
  ON CONFLICT (name) DO UPDATE SET paused_at = now() WHERE q.paused_at IS NULL
  RETURNING q.name`;

/** Pauses a queue. Returns false if the queue was paused before. */
export async function pauseQueue(db: Executor, name: string): Promise<boolean> {
  const { rows } = await db.query(PAUSE, [name]);
  return rows.length > 0;
}
