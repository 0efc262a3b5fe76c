/** The relations that a walk reads: the two tables, and the view of the jobs in claims. */
export type WalkedPlace = "waiting_jobs" | "running_jobs" | "ended_jobs";

/** The walked relations whose rows can be locked and deleted. */
type WalkedTable = Exclude<WalkedPlace, "running_jobs">;

/** An SQL condition on a job `j`, for each relation that a walk reads. */
export type Fits = Partial<Record<WalkedPlace, string>>;

/**
 * Returns the CTE `step` of a walk: `id`, `source` and `fits` of at most $3 jobs with ids above $1 and up to $2, in the
 * order of their ids.
 *
 * Each step reads the primary keys from where the last step ended. So neither the size of the tables nor the number of
 * fitting jobs changes the cost of a step. Each step unpacks all claims.
 */
export function walkStep(fits: Fits): string {
  const parts = Object.entries(fits).map(
    ([place, condition]) => `
    (SELECT j.id, '${place}' AS source, coalesce(${condition}, false) AS fits FROM millrace.${place} j
     WHERE j.id > $1::uuid AND j.id <= $2::uuid ORDER BY j.id LIMIT $3)`,
  );
  return `step AS MATERIALIZED (
    SELECT * FROM (${parts.join(" UNION ALL ")}) AS found ORDER BY id LIMIT $3
  )`;
}

/** Returns the CTE `step` for the jobs with the ids $1, instead of a walk. $2 and $3 must be NULL. */
export function idsStep(fits: Fits): string {
  const parts = Object.entries(fits).map(([place, condition]) =>
    place === "running_jobs"
      ? `
    SELECT j.id, '${place}' AS source, coalesce(${condition}, false) AS fits
    FROM millrace.${place} j
    WHERE j.claim_ids && $1::uuid[] AND j.id = ANY($1::uuid[]) AND $2::uuid IS NULL AND $3::int IS NULL`
      : `
    SELECT found.id, '${place}' AS source, coalesce(found.fits, false) AS fits
    FROM unnest($1::uuid[]) AS given(id), LATERAL (
      SELECT j.id, (${condition}) AS fits FROM millrace.${place} j WHERE j.id = given.id LIMIT 1
    ) AS found WHERE $2::uuid IS NULL AND $3::int IS NULL`,
  );
  return `step AS MATERIALIZED (${parts.join(" UNION ALL ")} ORDER BY id)`;
}

/**
 * Returns a CTE `name` with the `row_ctid` of each job of a step that is in one table and still fits. Locks the rows,
 * and skips rows that another transaction has locked.
 *
 * LATERAL looks up each job by itself. With a join, the planner may read the whole step again for each row of the
 * table.
 */
export function stillFitting(name: string, table: WalkedTable, guard: string): string {
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

/**
 * The columns `fitted` and `after` of a step's result: how many jobs fitted, and the last id that the step looked at.
 */
export const STEP_ENDED = `
    (SELECT count(*) FROM step WHERE step.fits)::int AS fitted,
    (SELECT step.id FROM step ORDER BY step.id DESC LIMIT 1) AS after`;

/** The jobs that a step looks at: up to `limit` jobs with ids above `after` and up to `upTo`, or the jobs in `ids`. */
export type StepRange = { after: string; upTo: string; limit: number } | { ids: readonly string[] };

/** The result of a step of a walk. */
export interface StepResult {
  /** How many jobs the step changed. */
  changed: number;
  /** How many jobs fitted. */
  fitted: number;
  /** The last id that the step looked at; null when there was no job. */
  after: string | null;
}

/** Returns the parameters $1 to $3 of a step. */
export function rangeValues(range: StepRange): unknown[] {
  return "ids" in range ? [range.ids, null, null] : [range.after, range.upTo, range.limit];
}

/** A statement in two forms: for a step of a walk, and for given ids. */
export interface StepStatement {
  walk: string;
  ids: string;
}

/** Builds both forms of a statement. `rest` is the SQL that follows the CTE `step`. */
export function stepStatement(fits: Fits, rest: string): StepStatement {
  return { walk: `WITH ${walkStep(fits)}, ${rest}`, ids: `WITH ${idsStep(fits)}, ${rest}` };
}
