import type { Executor } from "@millrace/base";

/** A worker that was not seen for this long is gone, whatever became of it. */
const GONE_AFTER = "interval '10 minutes'";

/**
 * Guarantees: rows of workers long gone are deleted, but for those that are locked: after an outage many workers look
 * at once, and each finds the others' rows old while they write them. Index: none; the table has a row for each worker.
 * No row is returned. The commit does not wait for the disk.
 */
const FORGET = `
  WITH unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  ), gone AS MATERIALIZED (
    SELECT w.worker_id FROM unsynced, LATERAL (
      SELECT worker_id FROM millrace.workers WHERE seen_at < now() - ${GONE_AFTER} FOR UPDATE SKIP LOCKED
    ) AS w
  )
  DELETE FROM millrace.workers WHERE worker_id IN (SELECT worker_id FROM gone)`;

/** Deletes the rows of workers that went away without a word. */
export async function forgetWorkers(db: Executor): Promise<void> {
  await db.query(FORGET);
}
