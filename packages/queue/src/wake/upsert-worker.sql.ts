import type { Executor } from "@millrace/base";

/** Another instance with the same worker id may be alive for this many s after its last write: three of its beats. */
export const MAY_LIVE_SECONDS = 30;

/**
 * Guarantees: the row gets the given values, with one exception: `asleep` stays true if another instance wrote the row
 * in the last 30 s. The commit does not wait for the disk, because no job depends on the row.
 * Index: the primary key of workers.
 * No row: never. The one row says whether another instance wrote the row in the last 30 s.
 */
const UPSERT = `
  WITH unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  ), other AS MATERIALIZED (
    SELECT FROM millrace.workers
    WHERE worker_id = $1 AND instance <> $5 AND seen_at > now() - interval '${MAY_LIVE_SECONDS} s'
  )
  INSERT INTO millrace.workers AS w (worker_id, queues, types, asleep, instance)
  SELECT $1, $2::varchar[], $3::varchar[], $4, $5::uuid FROM unsynced
  ON CONFLICT (worker_id) DO UPDATE
  SET queues = excluded.queues, types = excluded.types, seen_at = now(), instance = excluded.instance,
      asleep = excluded.asleep OR w.asleep AND EXISTS (SELECT FROM other)
  RETURNING EXISTS (SELECT FROM other) AS "isShared"`;

/** The values of a worker's row. */
export interface WorkerPresence {
  workerId: string;
  /** An id that each start of a worker makes for itself, because several workers may have one worker id. */
  instance: string;
  queues: readonly string[];
  types: readonly string[];
  /** Whether producers must notify this worker. */
  asleep: boolean;
}

/** Writes a worker's row. Returns whether another instance with the same worker id wrote the row in the last 30 s. */
export async function upsertWorker(db: Executor, worker: WorkerPresence): Promise<boolean> {
  const { workerId, queues, types, asleep, instance } = worker;
  const { rows } = await db.query(UPSERT, [workerId, queues, types, asleep, instance]);
  return (rows as { isShared: boolean }[])[0]?.isShared ?? false;
}
