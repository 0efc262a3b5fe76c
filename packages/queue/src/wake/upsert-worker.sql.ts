import type { Executor } from "@millrace/base";

/** For so long after its last write another instance with the same id may be alive, in s: three of its beats. */
export const MAY_LIVE_SECONDS = 30;

/**
 * Guarantees: the worker's row is there and as given; but where another instance with its id wrote it lately and slept,
 * the row goes on saying that someone sleeps. Index: the primary key; the table has a row for each worker. The answer
 * is one row: whether another instance wrote lately. The commit does not wait for the disk: no job depends on it.
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

/** What a worker says of itself. */
export interface WorkerPresence {
  workerId: string;
  /** A mark of its own: several workers may be given one id. */
  instance: string;
  queues: readonly string[];
  types: readonly string[];
  asleep: boolean;
}

/** Writes a worker's row. Returns whether another instance with the same id wrote it lately. */
export async function upsertWorker(db: Executor, worker: WorkerPresence): Promise<boolean> {
  const { workerId, queues, types, asleep, instance } = worker;
  const { rows } = await db.query(UPSERT, [workerId, queues, types, asleep, instance]);
  return (rows as { isShared: boolean }[])[0]?.isShared ?? false;
}
