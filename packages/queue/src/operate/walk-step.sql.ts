/** The relations that a walk reads: the two tables, and the view of the jobs in claims. */
export type WalkedPlace = "waiting_jobs" | "running_jobs" | "ended_jobs";

/** The places whose rows can be locked and deleted. */
type WalkedTable = Exclude<WalkedPlace, "running_jobs">;

/** An SQL condition on a job `j` for each place that a walk visits. */
export type Fits = Partial<Record<WalkedPlace, string>>;

/**
 * The `step` relation of a walk: `id`, `source` and `fits` of at most $3 jobs above the id $1 and up to $2, in the
 * order of their ids. Of the tables, the step reads only the primary keys, from where the last step ended. So a step
 * costs the same however large the tables are and however many jobs fit. All claims are unpacked for each step.
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

/** The same step over the ids $1 instead of a walk; $2 and $3 are ignored. */
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
 * A relation `name` with the `row_ctid` of each job of a step in one table that still fits. The rows are locked; rows
 * that another transaction has locked are skipped. Each job is looked up by itself: with one join, the planner may read
 * the given jobs once for each row of the table.
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
export function stepStatement(fits: Fits, rest: string): StepStatement {
  return { walk: `WITH ${walkStep(fits)}, ${rest}`, ids: `WITH ${idsStep(fits)}, ${rest}` };
}
