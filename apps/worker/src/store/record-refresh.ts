import type { Executor } from "@millrace/base";
import type { RefreshTransaction } from "./begin-refresh.ts";
import type { ViewName } from "./lock-view.ts";

/** A refresh: its view, its job, and its transaction. */
export interface Refresh {
  name: ViewName;
  jobId: string;
  transaction: RefreshTransaction;
  /** Whether the view could be read meanwhile. Null: not decided yet. */
  concurrently: boolean | null;
}

/** What a refresh that succeeded took and made. */
export interface RefreshFigures {
  durationMs: number;
  /** The view with its indexes and its out-of-line values. */
  sizeBytes: number;
}

/**
 * Guarantees: in the transaction of the refresh, so the row and the view's contents commit together.
 * Index: the primary key of view_refreshes.
 * No row: never.
 */
const SUCCEEDED = `
  INSERT INTO millrace.view_refreshes AS v
    (schema_name, view_name, job_id, started_at, finished_at, concurrent, refreshed_at, size_bytes)
  VALUES ($1, $2, $3, now(), clock_timestamp(), $4, now(), pg_total_relation_size($5::oid))
  ON CONFLICT (schema_name, view_name) DO UPDATE SET
    job_id = excluded.job_id, started_at = excluded.started_at, finished_at = excluded.finished_at,
    concurrent = excluded.concurrent, error = NULL, refreshed_at = excluded.refreshed_at,
    size_bytes = excluded.size_bytes
  RETURNING v.size_bytes::float8 AS "sizeBytes",
            extract(epoch FROM v.finished_at - v.started_at)::float8 * 1000 AS "durationMs"`;

/**
 * Guarantees: keeps when the view was refreshed last, and its size then. A failure does not replace the row of a
 * refresh that began later.
 * Index: the primary key of view_refreshes.
 * No row: a later refresh has ended already.
 */
const FAILED = `
  INSERT INTO millrace.view_refreshes AS v
    (schema_name, view_name, job_id, started_at, finished_at, concurrent, error)
  VALUES ($1, $2, $3, to_timestamp($5::float8), now(), $4, $6)
  ON CONFLICT (schema_name, view_name) DO UPDATE SET
    job_id = excluded.job_id, started_at = excluded.started_at, finished_at = excluded.finished_at,
    concurrent = excluded.concurrent, error = excluded.error
  WHERE v.started_at <= excluded.started_at`;

/** Records a refresh that succeeded, before the commit. `oid` is the view's. */
export async function recordRefreshed(
  db: Executor,
  { name, jobId, concurrently }: Refresh,
  oid: string,
): Promise<RefreshFigures> {
  const parameters = [name.schema, name.view, jobId, concurrently, oid];
  const { rows } = await db.query(SUCCEEDED, parameters);
  const [row] = rows as RefreshFigures[];
  if (row === undefined) throw new TypeError("PostgreSQL returned no row for an INSERT.");
  return { durationMs: Math.round(row.durationMs), sizeBytes: row.sizeBytes };
}

/** Records a refresh that failed, after its transaction was rolled back. */
export async function recordFailed(
  db: Executor,
  { name, jobId, concurrently, transaction }: Refresh,
  error: string,
): Promise<void> {
  await db.query(FAILED, [name.schema, name.view, jobId, concurrently, transaction.began, error]);
}
