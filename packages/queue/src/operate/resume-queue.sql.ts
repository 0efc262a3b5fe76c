import type { Executor } from "@millrace/base";
import { LISTEN_CHANNEL } from "../wake/notice.ts";

/**
 * Guarantees: the queue is not paused, and every worker that listens is notified. The notice names no lane, so each
 * worker looks at all lanes.
 * Index: the primary key of job_queues.
 * No row: the queue was not paused.
 */
const RESUME = `
  WITH paused AS MATERIALIZED (
    SELECT q.paused_at FROM millrace.job_queues q WHERE q.name = $1 AND q.paused_at IS NOT NULL FOR UPDATE
  )
  UPDATE millrace.job_queues q SET paused_at = NULL FROM paused WHERE q.name = $1
  RETURNING to_json(paused.paused_at) #>> '{}' AS paused_at, pg_notify('${LISTEN_CHANNEL}', '')`;

/** Resumes a queue. Returns when the queue was paused, in ISO 8601 to the microsecond; null if it was not paused. */
export async function resumeQueue(db: Executor, name: string): Promise<string | null> {
  const { rows } = await db.query(RESUME, [name]);
  return (rows as { paused_at: string }[])[0]?.paused_at ?? null;
}
