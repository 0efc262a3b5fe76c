import type { Executor } from "@millrace/base";
import { addToMinute, batchText, notCountedYet, UNSYNCED } from "./count-minutes.sql.ts";
import type { CountsBatch } from "./run-counts.ts";

/**
 * Guarantees: adds what the worker counted last to the current minute, unless this instance wrote the same totals
 * before. Deletes the row only if this instance wrote it last, and no other worker shares it. The commit does not wait
 * for the disk.
 * Index: the primary keys of workers and queue_minutes.
 * No row: the worker's row stays, or there was none.
 *
 * The condition on the number of rows in `gone` always holds. It makes PostgreSQL write the worker's row before the
 * counts, as `addToMinute` needs it.
 */
const DELETE = `
  WITH ${UNSYNCED}, gone AS (
    DELETE FROM millrace.workers WHERE worker_id = $1 AND instance = $2::uuid AND NOT $3::boolean RETURNING worker_id
  ), ${addToMinute("$5", `(SELECT count(*) FROM gone) >= 0 AND ${notCountedYet("$4")}`)}
  SELECT worker_id FROM gone`;

/** A worker that stops. */
export interface LeavingWorker {
  workerId: string;
  instance: string;
  /** Whether another worker with this id may be alive. Then the row stays. */
  isShared: boolean;
  /** What the worker counted, and has not written. */
  batch: CountsBatch;
}

/**
 * Writes the last counts of a worker that stops, and deletes its row. If another instance with the same id wrote the
 * row last, the row stays.
 */
export async function deleteWorker(
  db: Executor,
  { workerId, instance, isShared, batch }: LeavingWorker,
): Promise<void> {
  await db.query(DELETE, [workerId, instance, isShared, JSON.stringify(batch.totals), batchText(batch)]);
}
