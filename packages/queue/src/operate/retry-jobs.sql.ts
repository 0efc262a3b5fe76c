import type { Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import { isFrom } from "../job/transitions.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import type { BulkFilter } from "./bulk.ts";
import { FITS, filterValues } from "./bulk-filter.sql.ts";
import { REQUEUED } from "./retry-job.sql.ts";
import {
  rangeValues,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

/**
 * Guarantees: of one step's jobs, retries the fitting failed and canceled jobs, as `retryJob` does. Leaves locked jobs
 * unchanged.
 * Index: the primary key of ended_jobs, job by job.
 * No row: never.
 */
const RETRY = stepStatement(
  { ended_jobs: FITS.ended_jobs },
  `${stillFitting("fitting", "ended_jobs", `${isFrom("retry", "j.state")} AND ${FITS.ended_jobs}`)}, again AS (
    DELETE FROM millrace.ended_jobs j USING fitting WHERE j.ctid = fitting.row_ctid
    RETURNING j.*
  ), ${REQUEUED}, ${notifySleepers("requeued", "false")}
  SELECT (SELECT count(*) FROM requeued)::int AS changed, ${STEP_ENDED} WHERE ${NOTIFIED}`,
);

/** Retries one step's jobs. */
export async function retryJobs(
  db: Executor,
  range: StepRange,
  { filter, states }: { filter: BulkFilter; states: readonly JobState[] },
): Promise<StepResult> {
  const text = "ids" in range ? RETRY.ids : RETRY.walk;
  const { rows } = await db.query(text, [...rangeValues(range), ...filterValues(filter, states)]);
  return (rows as StepResult[])[0] ?? { changed: 0, fitted: 0, after: null };
}
