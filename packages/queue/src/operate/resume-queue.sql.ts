import type { Executor } from "@millrace/base";
import { LISTEN_CHANNEL } from "../wake/notice.ts";

/**
 * Guarantees: the queue is not paused, and every worker that listens is notified. The notice names no lane, so each
 * worker looks at all lanes.
 * Index: the primary key of job_queues.
 * No row: the queue was not paused.
 */
const RESUME = `
  UPDATE millrace.job_queues q SET paused_at = NULL WHERE q.name = $1 AND q.paused_at IS NOT NULL
  RETURNING pg_notify('${LISTEN_CHANNEL}', '')`;

/** Resumes a queue. Returns false if the queue was not paused. */
export async function resumeQueue(db: Executor, name: string): Promise<boolean> {
  const { rows } = await db.query(RESUME, [name]);
  return rows.length > 0;
}
