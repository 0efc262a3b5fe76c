import type { Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import { inState } from "../job/state-guards.sql.ts";
import type { BulkFilter } from "./bulk.ts";
import { FITS_HISTORY, FITS_JOBS, filterValues } from "./bulk-filter.sql.ts";
import {
  type JobTable,
  rangeValues,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  type StepStatement,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

/** A running job belongs to its worker, and is never deleted. */
const NOT_RUNNING = `NOT ${inState("running")}`;

/**
 * A statement that deletes the fitting jobs of one step, from either table, with their attempts. Guarantees: a running
 * job stays; locked rows are left alone. Index: the primary keys, job by job.
 */
export function deleteStatement(fits: Record<JobTable, string>): StepStatement {
  return stepStatement(
    fits,
    `${stillFitting("fitting", "jobs", `${NOT_RUNNING} AND ${fits.jobs}`)},
  ${stillFitting("old", "job_history", fits.job_history)}, gone AS (
    DELETE FROM millrace.jobs j USING fitting WHERE j.ctid = fitting.row_ctid RETURNING j.id
  ), gone_too AS (
    DELETE FROM millrace.job_history j USING old WHERE j.ctid = old.row_ctid RETURNING j.id
  ), every AS (
    SELECT id FROM gone UNION ALL SELECT id FROM gone_too
  ), past AS (
    DELETE FROM millrace.job_attempts a USING every WHERE a.job_id = every.id
  )
  SELECT (SELECT count(*) FROM every)::int AS changed, ${STEP_ENDED}`,
  );
}

/** A key that was taken for a period stays taken until the period is over, so its job stays, too. */
export const KEY_IS_FREE = "NOT coalesce(j.key_scope = 'period' AND j.key_until > now(), false)";

const DELETE = deleteStatement({ jobs: `(${KEY_IS_FREE} AND ${FITS_JOBS})`, job_history: FITS_HISTORY });

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
