import type { Executor } from "@millrace/base";
import { ROW_ADDRESS } from "../job/row-address.ts";
import { type Fits, type JobPlace, jobsOf } from "./selection.sql.ts";

/** The walked places whose rows can be locked and deleted. */
type WalkedTable = Exclude<JobPlace, "running_jobs">;

/** What a step of a walk finds about a job of a place. */
const found = (place: JobPlace, condition: string) =>
  `j.id, '${place}' AS source, coalesce(${condition}, false) AS fits`;

/**
 * Returns the CTE `step` of a walk: `id`, `source` and `fits` of at most $3 jobs with ids above $1 and up to $2, in the
 * order of their ids.
 *
 * Each step reads the primary keys from where the last step ended. So neither the size of the tables nor the number of
 * fitting jobs changes the cost of a step. Each step unpacks all claims.
 */
function walkStep(fits: Fits, most?: string): string {
  const parts = Object.entries(fits).map(
    ([place, condition]) => `
    (SELECT ${found(place as JobPlace, condition)} FROM ${jobsOf(place as JobPlace, condition)}
     WHERE j.id > $1::uuid AND j.id <= $2::uuid ORDER BY j.id LIMIT $3)`,
  );
  return step(`SELECT * FROM (${parts.join(" UNION ALL ")}) AS each ORDER BY id LIMIT $3`, most);
}

/** Returns the CTE `step` for the jobs with the ids $1, instead of a walk. $2 and $3 must be NULL. */
function idsStep(fits: Fits, most?: string): string {
  const parts = Object.entries(fits).map(([place, condition]) =>
    place === "running_jobs"
      ? `
    SELECT ${found(place, condition)} FROM ${jobsOf(place, condition, "$1::uuid[]")}
    WHERE j.id = ANY($1::uuid[]) AND $2::uuid IS NULL AND $3::int IS NULL`
      : `
    SELECT found.* FROM unnest($1::uuid[]) AS given(id), LATERAL (
      SELECT ${found(place as JobPlace, condition)} FROM ${jobsOf(place as JobPlace, condition)}
      WHERE j.id = given.id LIMIT 1
    ) AS found WHERE $2::uuid IS NULL AND $3::int IS NULL`,
  );
  return step(`SELECT * FROM (${parts.join(" UNION ALL ")}) AS each ORDER BY id`, most);
}

/** Ends a step at the fitting job number `most`, so that the next step begins right after that job. */
function step(jobs: string, most: string | undefined): string {
  if (most === undefined) return `step AS MATERIALIZED (${jobs})`;
  return `step AS MATERIALIZED (
    SELECT id, source, fits FROM (
      SELECT seen.*, count(*) FILTER (WHERE fits)
                       OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS fitted_before
      FROM (${jobs}) AS seen
    ) AS counted WHERE fitted_before < ${most}::int
  )`;
}

/**
 * Returns a CTE `name` with the `row_address` of each job of a step that is in one table and still fits. Locks the
 * rows, and skips rows that another transaction has locked.
 *
 * A row that was changed since the statement began has a `row_address` that the statement cannot see, so its job is
 * left out: the statement may not see what the change wrote into other tables, either.
 *
 * LATERAL looks up each job by itself. With a join, the planner may read the whole step again for each row of the
 * table. `guard` is SQL for whether a job `j` fits, and `columns` is SQL for more columns of the CTE.
 */
export function stillFitting(
  name: string,
  table: WalkedTable,
  { guard, columns = [] }: { guard: string; columns?: readonly string[] },
): string {
  return `${name} AS MATERIALIZED (
    SELECT job.*
    FROM step, LATERAL (
      SELECT ${[`j.${ROW_ADDRESS} AS row_address`, ...columns].join(", ")} FROM millrace.${table} j
      WHERE j.id = step.id AND ${guard}
      LIMIT 1
      FOR UPDATE SKIP LOCKED
    ) AS job
    WHERE step.fits AND step.source = '${table}'
  )`;
}

/**
 * The columns `fitted` and `lastId` of a step's result: how many jobs fitted, and the last id that the step looked at.
 */
export const STEP_ENDED = `
    (SELECT count(*) FROM step WHERE step.fits)::int AS fitted,
    (SELECT step.id FROM step ORDER BY step.id DESC LIMIT 1) AS "lastId"`;

/** The column `before` of a step: SQL for the records of the changed jobs, as JSON text. Empty if not recorded. */
export const recorded = (isRecorded: boolean, records: string): string =>
  isRecorded ? `${records} AS before, ` : "";

/**
 * SQL for the records of the jobs of a relation of which only the state changed. `state` is SQL for their state before,
 * in which `b` is the relation's row.
 */
export const stateRecords = (relation: string, state: string) => `(
      SELECT coalesce(json_agg(json_build_object('id', b.id, 'state', ${state})), '[]')::text FROM ${relation} AS b)`;

/** The jobs that a step looks at: up to `limit` jobs with ids above `above` and up to `upTo`, or the jobs in `ids`. */
export type StepRange = { above: string; upTo: string; limit: number } | { ids: readonly string[] };

/** The result of a step of a walk. */
export interface StepResult {
  /** How many jobs the step changed. */
  changed: number;
  /** How many jobs fitted. */
  fitted: number;
  /** The last id that the step looked at; null when there was no job. */
  lastId: string | null;
  /** The changed jobs as they were, as JSON text of an array of `AuditedState`, if the step is recorded. */
  before?: string;
}

/** The result of a step that found no job. */
export const NOTHING_CHANGED: StepResult = { changed: 0, fitted: 0, lastId: null };

/** Returns the parameters $1 to $3 of a step. */
export function rangeValues(range: StepRange): unknown[] {
  return "ids" in range ? [range.ids, null, null] : [range.above, range.upTo, range.limit];
}

/** A statement in two forms: for a step of a walk, and for given ids. */
export interface StepStatement {
  walk: string;
  ids: string;
}

/**
 * Builds both forms of a statement. `rest` is the SQL that follows the CTE `step`. `most` is SQL for how many fitting
 * jobs the step has at most.
 */
export function stepStatement(fits: Fits, rest: string, most?: string): StepStatement {
  return { walk: `WITH ${walkStep(fits, most)}, ${rest}`, ids: `WITH ${idsStep(fits, most)}, ${rest}` };
}

/** Runs one step of a statement. `values` are the parameters from $4 on. */
export async function runStep(
  db: Executor,
  statement: StepStatement,
  { range, values }: { range: StepRange; values: readonly unknown[] },
): Promise<unknown> {
  const text = "ids" in range ? statement.ids : statement.walk;
  const { rows } = await db.query(text, [...rangeValues(range), ...values]);
  return rows[0];
}
