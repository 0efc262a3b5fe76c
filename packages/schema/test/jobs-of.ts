import type pg from "pg";

/** A job as the database writes it out: with all its columns, and instants to the microsecond. */
export interface Job {
  id: string;
  type: string;
  state: string;
  [column: string]: unknown;
}

/** Columns of `millrace.jobs` that came after the upgrade to three places. */
export const LATER_COLUMNS = "'{settings,tags,metadata,start_by,tick_at}'::text[]";

/** The jobs of a view, in the order of their types. The new view has no columns about keys: `job_keys` has them. */
export async function jobsOf(db: pg.Pool | pg.PoolClient, view: "all_jobs" | "jobs"): Promise<Job[]> {
  const { rows } = await db.query<{ job: Job }>(
    `SELECT to_jsonb(j) - '{key_scope,key_until}'::text[] - ${LATER_COLUMNS} AS job
     FROM millrace.${view} j ORDER BY j.type, j.id`,
  );
  return rows.map((row) => row.job);
}
