import type { Executor } from "./queryable.ts";

/** Guarantees: the worker's row is gone. Index: the primary key. */
const DELETE = "DELETE FROM millrace.workers WHERE worker_id = $1";

/** Removes the row of a worker that stops. */
export async function deleteWorker(db: Executor, workerId: string): Promise<void> {
  await db.query(DELETE, [workerId]);
}
