import type { Executor } from "@millrace/base";

/** A worker that has not written its row for this long is gone. */
const GONE_AFTER = "interval '10 minutes'";

/**
 * Guarantees: deletes the rows of workers that are gone. Locked rows stay. The commit does not wait for the disk.
 * Index: none. The table has one row for each worker.
 * No row: always. The statement returns no rows.
 *
 * Locked rows stay because many workers may run this statement at once after an outage. A row that looks old may be
 * locked by its own worker, which is writing the row.
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

/** Deletes the rows of workers that ended without deleting their rows. */
export async function forgetWorkers(db: Executor): Promise<void> {
  await db.query(FORGET);
}
