import type { Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import { rowInState } from "../job/state-guards.sql.ts";
import { rowGuard, toState } from "../job/transitions.ts";
import type { BulkFilter } from "./bulk.ts";
import { FITS_JOBS, filterValues } from "./bulk-filter.sql.ts";
import { CANCELED, NOTIFY_WORKER } from "./cancel-job.sql.ts";
import {
  rangeValues,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

const UNFINISHED = `(${rowGuard("cancel")} OR ${rowInState("running")})`;

/**
 * Guarantees: of one step's jobs, the fitting queued jobs are canceled and the fitting running jobs are asked to stop,
 * as `cancelJob` does. Finished and locked jobs are left alone. Index: the primary key, job by job.
 */
const CANCEL = stepStatement(
  { jobs: FITS_JOBS },
  `${stillFitting("fitting", "jobs", `${UNFINISHED} AND ${FITS_JOBS}`)}, canceled AS (
    UPDATE millrace.jobs j SET ${CANCELED}
    FROM fitting WHERE j.ctid = fitting.row_ctid
    RETURNING j.id, j.state, j.lease_token
  ), notified AS MATERIALIZED (
    SELECT state, ${NOTIFY_WORKER} FROM canceled
  )
  SELECT (SELECT count(*) FROM notified WHERE state = ${toState("cancel")})::int AS changed,
         (SELECT count(*) FROM notified WHERE state <> ${toState("cancel")})::int AS asked, ${STEP_ENDED}`,
);

/** What one step of canceling did. */
export interface CancelStep extends StepResult {
  /** Running jobs that were asked to stop. */
  asked: number;
}

/** Cancels one step's jobs. */
export async function cancelJobs(
  db: Executor,
  range: StepRange,
  { filter, states }: { filter: BulkFilter; states: readonly JobState[] },
): Promise<CancelStep> {
  const text = "ids" in range ? CANCEL.ids : CANCEL.walk;
  const { rows } = await db.query(text, [...rangeValues(range), ...filterValues(filter, states)]);
  return (rows as CancelStep[])[0] ?? { changed: 0, asked: 0, fitted: 0, after: null };
}
