/** The tables that hold jobs. */
export type JobTable = "jobs" | "job_history";

/**
 * The `step` relation of a walk: `id`, `source` and `fits` of at most $3 jobs above the id $1 and up to $2, in the
 * order of their ids. The step reads only the primary keys, from where the last step ended. So a step costs the same
 * however large the tables are and however many jobs fit. `fits` holds an SQL condition on `j` for each table of the
 * walk.
 */
export function walkStep(fits: Partial<Record<JobTable, string>>): string {
  const parts = Object.entries(fits).map(
    ([table, condition]) => `
    (SELECT j.id, '${table}' AS source, coalesce(${condition}, false) AS fits FROM millrace.${table} j
     WHERE j.id > $1::uuid AND j.id <= $2::uuid ORDER BY j.id LIMIT $3)`,
  );
  return `step AS MATERIALIZED (
    SELECT * FROM (${parts.join(" UNION ALL ")}) AS found ORDER BY id LIMIT $3
  )`;
}

/** The same step over the ids $1 instead of a walk; $2 and $3 are ignored. */
export function idsStep(fits: Partial<Record<JobTable, string>>): string {
  const parts = Object.entries(fits).map(
    ([table, condition]) => `
    SELECT found.id, '${table}' AS source, coalesce(found.fits, false) AS fits
    FROM unnest($1::uuid[]) AS given(id), LATERAL (
      SELECT j.id, (${condition}) AS fits FROM millrace.${table} j WHERE j.id = given.id LIMIT 1
    ) AS found WHERE $2::uuid IS NULL AND $3::int IS NULL`,
  );
  return `step AS MATERIALIZED (${parts.join(" UNION ALL ")} ORDER BY id)`;
}

/**
 * A relation `name` with the `row_ctid` of each job of a step in one table that still fits. The rows are locked; rows
 * that another transaction has locked are skipped. Each job is looked up by itself, for the reason given at
 * `heldRuns`.
 */
export function stillFitting(name: string, table: JobTable, guard: string): string {
  return `${name} AS MATERIALIZED (
    SELECT job.row_ctid
    FROM step, LATERAL (
      SELECT j.ctid AS row_ctid FROM millrace.${table} j
      WHERE j.id = step.id AND ${guard}
      LIMIT 1
      FOR UPDATE SKIP LOCKED
    ) AS job
    WHERE step.fits AND step.source = '${table}'
  )`;
}

/** How many jobs of a step fitted, and the last id that the step looked at. */
export const STEP_ENDED = `
    (SELECT count(*) FROM step WHERE step.fits)::int AS fitted,
    (SELECT step.id FROM step ORDER BY step.id DESC LIMIT 1) AS after`;

/** Which jobs a step looks at: jobs after an id, or the named jobs. */
export type StepRange = { after: string; upTo: string; limit: number } | { ids: readonly string[] };

/** What a step of a walk found. */
export interface StepResult {
  changed: number;
  fitted: number;
  /** The last id that the step looked at; null when there was none. */
  after: string | null;
}

/** The parameters $1 to $3 of a step. */
export function rangeValues(range: StepRange): unknown[] {
  return "ids" in range ? [range.ids, null, null] : [range.after, range.upTo, range.limit];
}

/** A statement in its two forms: over a walk and over given ids. */
export interface StepStatement {
  walk: string;
  ids: string;
}

/** Builds both forms of a statement; `rest` follows the step. */
export function stepStatement(fits: Partial<Record<JobTable, string>>, rest: string): StepStatement {
  return { walk: `WITH ${walkStep(fits)}, ${rest}`, ids: `WITH ${idsStep(fits)}, ${rest}` };
}
