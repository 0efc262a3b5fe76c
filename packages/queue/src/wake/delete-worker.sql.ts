import type { Executor } from "@millrace/base";

/**
 * Guarantees: deletes the row only if this instance wrote it last.
 * Index: the primary key of workers.
 * No row: always. The statement returns no rows.
 */
const DELETE = "DELETE FROM millrace.workers WHERE worker_id = $1 AND instance = $2";

/** Deletes the row of a worker that stops. If another instance with the same id wrote the row last, the row stays. */
export async function deleteWorker(
  db: Executor,
  { workerId, instance }: { workerId: string; instance: string },
): Promise<void> {
  await db.query(DELETE, [workerId, instance]);
}
