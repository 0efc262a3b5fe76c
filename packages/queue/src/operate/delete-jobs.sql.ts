import type { Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import type { BulkFilter } from "./bulk.ts";
import { FITS, filterValues } from "./bulk-filter.sql.ts";
import {
  type Fits,
  rangeValues,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  type StepStatement,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

/**
 * Builds a statement that deletes the fitting jobs of one step, with their attempts, keys and large payloads.
 *
 * Guarantees: leaves running jobs and locked rows unchanged.
 * Index: the primary keys of the tables, job by job.
 * No row: never.
 */
export function deleteStatement(fits: Omit<Fits, "running_jobs">): StepStatement {
  const tables = Object.entries(fits) as ["waiting_jobs" | "ended_jobs", string][];
  const deletions = tables.map(
    ([table, condition]) => `${stillFitting(`fitting_${table}`, table, condition)}, gone_${table} AS (
    DELETE FROM millrace.${table} j USING fitting_${table} AS fitting WHERE j.ctid = fitting.row_ctid
    RETURNING j.id, j.idempotency_key AS key
  )`,
  );
  return stepStatement(
    fits,
    `${deletions.join(", ")}, gone AS (
    ${tables.map(([table]) => `SELECT id, key FROM gone_${table}`).join(" UNION ALL ")}
  ), past AS (
    DELETE FROM millrace.job_attempts a USING gone WHERE a.job_id = gone.id
  ), keys AS (
    DELETE FROM millrace.job_keys k USING gone WHERE k.key = gone.key AND k.job_id = gone.id
  ), payloads AS (
    DELETE FROM millrace.job_payloads p USING gone WHERE p.job_id = gone.id
  )
  SELECT (SELECT count(*) FROM gone)::int AS changed, ${STEP_ENDED}`,
  );
}

/** The SQL condition that a job `j` does not hold a key for a period. A job that holds such a key is not deleted. */
export const KEY_IS_FREE = `NOT EXISTS (
      SELECT FROM millrace.job_keys k
      WHERE k.key = j.idempotency_key AND k.job_id = j.id AND k.scope = 'period' AND k.until > now())`;

/**
 * Guarantees: deletes the fitting queued and ended jobs of one step, as `deleteStatement` says.
 * Index: the primary keys of the tables, job by job.
 * No row: never.
 */
const DELETE = deleteStatement({
  waiting_jobs: `(${KEY_IS_FREE} AND ${FITS.waiting_jobs})`,
  ended_jobs: `(${KEY_IS_FREE} AND ${FITS.ended_jobs})`,
});

/** Deletes one step's jobs, with their attempts. */
export async function deleteJobs(
  db: Executor,
  range: StepRange,
  { filter, states }: { filter: BulkFilter; states: readonly JobState[] },
): Promise<StepResult> {
  const text = "ids" in range ? DELETE.ids : DELETE.walk;
  const { rows } = await db.query(text, [...rangeValues(range), ...filterValues(filter, states)]);
  return (rows as StepResult[])[0] ?? { changed: 0, fitted: 0, after: null };
}
