import type { Pool } from "pg";

/** The last refresh of a materialized view by the task `view.refresh`. */
export interface ViewRefresh {
  schema: string;
  view: string;
  /** The job of the last refresh. The job may have been deleted since. */
  jobId: string;
  startedAt: Date;
  finishedAt: Date;
  durationMs: number;
  /** Whether the view could be read meanwhile. Null: the refresh failed before this was decided. */
  concurrent: boolean | null;
  /** Why the last refresh failed; null if it succeeded. */
  error: string | null;
  /** The instant that the view's contents are of. Null: no refresh has succeeded. */
  refreshedAt: Date | null;
  /** The view with its indexes, after the last refresh that succeeded. */
  sizeBytes: number | null;
}

/**
 * Guarantees: reads only.
 * Index: reads the whole table, which has one row for each view that was refreshed.
 * No row: no view was refreshed.
 */
const LIST = `
  SELECT v.schema_name AS "schema", v.view_name AS "view", v.job_id AS "jobId",
         v.started_at AS "startedAt", v.finished_at AS "finishedAt",
         round(extract(epoch FROM v.finished_at - v.started_at) * 1000)::float8 AS "durationMs",
         v.concurrent, v.error, v.refreshed_at AS "refreshedAt", v.size_bytes::float8 AS "sizeBytes"
  FROM millrace.view_refreshes v ORDER BY v.schema_name, v.view_name`;

/** Returns the last refresh of each view, by name. */
export async function listViewRefreshes(pool: Pool): Promise<ViewRefresh[]> {
  const { rows } = await pool.query<ViewRefresh>(LIST);
  return rows;
}
