import type { Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import type { BulkFilter } from "./bulk.ts";
import { FITS, filterValues } from "./bulk-filter.sql.ts";
import { endAsCanceled, NOTIFY_WORKER, requestCancel } from "./cancel-job.sql.ts";
import {
  rangeValues,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

/**
 * Guarantees: of one step's jobs, cancels the fitting queued jobs, and requests a cancel of the fitting running jobs.
 * Leaves ended and locked jobs unchanged.
 * Index: the primary key of waiting_jobs, job by job; reads all claims.
 * No row: never.
 *
 * `missed` has the fitting queued jobs that were locked, or claimed during the statement.
 */
const CANCEL = stepStatement(
  { waiting_jobs: FITS.waiting_jobs, running_jobs: FITS.running_jobs },
  `${stillFitting("fitting", "waiting_jobs", FITS.waiting_jobs)}, canceled AS (
    DELETE FROM millrace.waiting_jobs j USING fitting WHERE j.ctid = fitting.row_ctid
    RETURNING j.*
  ), ${endAsCanceled("canceled")}, running AS MATERIALIZED (
    SELECT r.id, r.lease_token FROM millrace.running_jobs r
    WHERE r.id IN (SELECT step.id FROM step WHERE step.fits AND step.source = 'running_jobs')
  ), asked AS (
    ${requestCancel("running")}
  ), notified AS MATERIALIZED (
    SELECT ${NOTIFY_WORKER} FROM running
  )
  SELECT (SELECT count(*) FROM canceled)::int AS changed, (SELECT count(*) FROM notified)::int AS asked,
         ARRAY(SELECT step.id FROM step
               WHERE step.fits AND step.source = 'waiting_jobs' AND step.id NOT IN (SELECT id FROM canceled))::text[]
           AS missed, ${STEP_ENDED}`,
);

/** The result of one step of `cancelMany`. */
export interface CancelStep extends StepResult {
  /** For how many running jobs a cancel was requested. */
  asked: number;
}

/** How often a step is tried for jobs that were claimed or locked during the step. */
const ROUNDS_MAX = 3;

/** Cancels one step's jobs. Requests a cancel of jobs that a worker claims during the step. */
export async function cancelJobs(
  db: Executor,
  range: StepRange,
  { filter, states }: { filter: BulkFilter; states: readonly JobState[] },
): Promise<CancelStep> {
  const total = { changed: 0, asked: 0, fitted: 0, after: null as string | null };
  let next = range;
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const text = "ids" in next ? CANCEL.ids : CANCEL.walk;
    const { rows } = await db.query(text, [...rangeValues(next), ...filterValues(filter, states)]);
    const [step] = rows as (CancelStep & { missed: string[] })[];
    if (step === undefined) break;
    total.changed += step.changed;
    total.asked += step.asked;
    if (round === 1) {
      total.fitted = step.fitted;
      total.after = step.after;
    }
    if (step.missed.length === 0) break;
    next = { ids: step.missed };
  }
  return total;
}
