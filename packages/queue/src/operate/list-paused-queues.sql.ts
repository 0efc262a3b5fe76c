import type { Executor } from "@millrace/base";

/**
 * Guarantees: reads only.
 * Index: none; the table has one row for each queue that was ever paused.
 * No row: no queue is paused.
 */
const PAUSED = `
  SELECT q.name, q.paused_at AS "pausedAt" FROM millrace.job_queues q WHERE q.paused_at IS NOT NULL ORDER BY q.name`;

/** Returns the paused queues, each with the time of its pause. */
export async function listPausedQueues(db: Executor): Promise<Map<string, Date>> {
  const { rows } = await db.query(PAUSED);
  // The pg driver returns a timestamptz as a Date, other drivers return text.
  return new Map(
    (rows as { name: string; pausedAt: Date | string }[]).map((row) => [row.name, new Date(row.pausedAt)]),
  );
}
