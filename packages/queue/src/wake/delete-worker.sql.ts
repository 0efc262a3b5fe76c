import type { Executor } from "@millrace/base";

/** Guarantees: the row is gone if this instance wrote it last. Index: the primary key. */
const DELETE = "DELETE FROM millrace.workers WHERE worker_id = $1 AND instance = $2";

/** Removes the row of a worker that stops. If another instance with the same id wrote the row, the row stays. */
export async function deleteWorker(
  db: Executor,
  { workerId, instance }: { workerId: string; instance: string },
): Promise<void> {
  await db.query(DELETE, [workerId, instance]);
}
