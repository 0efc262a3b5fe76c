import type { Executor } from "@millrace/base";

/** For so long after its last write, another instance with the same id may be alive, in s: three of its beats. */
export const MAY_LIVE_SECONDS = 30;

/**
 * Guarantees: the row gets the given values. Exception: if another instance wrote the row in the last 30 s and was
 * asleep, `asleep` stays true. Index: the primary key; the table has a row for each worker. Returns one row: whether
 * another instance wrote the row in the last 30 s. The commit does not wait for the disk: no job depends on the row.
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
  /** An id of this start: several workers may be given one worker id. */
  instance: string;
  queues: readonly string[];
  types: readonly string[];
  asleep: boolean;
}

/** Writes a worker's row. Returns whether another instance with the same id wrote it in the last 30 s. */
export async function upsertWorker(db: Executor, worker: WorkerPresence): Promise<boolean> {
  const { workerId, queues, types, asleep, instance } = worker;
  const { rows } = await db.query(UPSERT, [workerId, queues, types, asleep, instance]);
  return (rows as { isShared: boolean }[])[0]?.isShared ?? false;
}
