import type { PoolClient } from "pg";

/** A worker that has written its row lately. */
export interface LivingWorker {
  /** The worker's id. Unless its program chose one, the id begins with the name of the host. */
  id: string;
  /** The worker's release of Millrace; null for a release that did not write it. */
  release: string | null;
  /** How many migrations the worker's release has; null for a release that did not write it. */
  schema: number | null;
}

/** A worker writes its row every 10 s. A worker that has not done so for three times as long counts as gone. */
const LIVING_SECONDS = 30;

/**
 * Guarantees: reads only. The table may have any shape that a release gave it.
 * Index: none; reads all rows of workers.
 * No row: no worker is alive.
 */
const LIVING = `
  SELECT w.worker_id AS id, to_jsonb(w) ->> 'release' AS release, (to_jsonb(w) ->> 'schema')::int AS schema
  FROM millrace.workers w WHERE w.seen_at > now() - interval '${LIVING_SECONDS} seconds' ORDER BY w.worker_id`;

/** Returns the workers that are alive, by their ids. Empty before the release that made the table of workers. */
export async function readLivingWorkers(client: Pick<PoolClient, "query">): Promise<LivingWorker[]> {
  const made = await client.query<{ made: boolean }>(
    "SELECT coalesce(has_table_privilege(to_regclass('millrace.workers'), 'SELECT'), false) AS made",
  );
  if (made.rows[0]?.made !== true) return [];
  return (await client.query<LivingWorker>(LIVING)).rows;
}
