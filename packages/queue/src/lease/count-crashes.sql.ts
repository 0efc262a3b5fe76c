import type { Executor } from "@millrace/base";
import { UNSYNCED } from "../wake/count-minutes.sql.ts";

/**
 * Guarantees: adds to the crashes of a worker that has a row. The commit does not wait for the disk.
 * Index: the primary key of workers.
 * No row: always. The statement returns no rows.
 */
const COUNT = `
  WITH ${UNSYNCED}
  UPDATE millrace.workers w SET crashed = w.crashed + $2::int FROM unsynced WHERE w.worker_id = $1`;

/** Adds to the crashes of a worker. A worker without a row stays without one. */
export async function countCrashes(
  db: Executor,
  { workerId, crashes }: { workerId: string; crashes: number },
): Promise<void> {
  await db.query(COUNT, [workerId, crashes]);
}
