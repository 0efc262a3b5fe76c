import type { Executor } from "./queryable.ts";

/** A worker that was not seen for this long is gone, whatever became of it. */
const GONE_AFTER = "interval '10 minutes'";

/**
 * Guarantees: the worker's row is there and as given; rows of workers long gone are not. Index: the primary key; the
 * table has a row for each worker. The commit does not wait for the disk: no job depends on it.
 */
const UPSERT = `
  WITH unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  ), gone AS (
    DELETE FROM millrace.workers WHERE seen_at < now() - ${GONE_AFTER} AND worker_id <> $1
  )
  INSERT INTO millrace.workers (worker_id, queues, types, asleep)
  SELECT $1, $2::varchar[], $3::varchar[], $4 FROM unsynced
  ON CONFLICT (worker_id) DO UPDATE
  SET queues = excluded.queues, types = excluded.types, asleep = excluded.asleep, seen_at = now()`;

/** What a worker tells of itself. */
export interface WorkerPresence {
  workerId: string;
  queues: readonly string[];
  types: readonly string[];
  asleep: boolean;
}

/** Writes a worker's row. */
export async function upsertWorker(db: Executor, worker: WorkerPresence): Promise<void> {
  await db.query(UPSERT, [worker.workerId, worker.queues, worker.types, worker.asleep]);
}
