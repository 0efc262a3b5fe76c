import type { Executor } from "@millrace/base";

/** A worker that was not seen for this long is gone, for whatever reason. */
const GONE_AFTER = "interval '10 minutes'";

/**
 * Guarantees: deletes the rows of workers that are long gone. Locked rows stay: after an outage, many workers run this
 * at once, and a row that looks old may be just being written. Index: none; the table has a row for each worker. No row
 * is returned. The commit does not wait for the disk.
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

/** Deletes the rows of workers that went away without deleting them. */
export async function forgetWorkers(db: Executor): Promise<void> {
  await db.query(FORGET);
}
