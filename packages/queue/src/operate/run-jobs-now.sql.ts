import type { Executor } from "@millrace/base";
import { ROW_ADDRESS } from "../job/row-address.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import { COLUMNS_BEFORE_RUN_NOW, runNowRecords } from "./before-command.sql.ts";
import { type StepJobs, type StepParts, stepParts } from "./bulk-step.ts";
import { CAN_RUN_NOW, setDue } from "./run-job-now.sql.ts";
import type { Fits } from "./selection.sql.ts";
import {
  NOTHING_CHANGED,
  recorded,
  runStep,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

/** Where `runNowMany` finds jobs: queued ones that are not due yet, and wait for no other job. */
export const runnableNow = ({ waiting_jobs }: Fits): Fits =>
  waiting_jobs === undefined ? {} : { waiting_jobs: `(${waiting_jobs} AND ${CAN_RUN_NOW})` };

/**
 * Guarantees: of one step's jobs, makes the fitting queued jobs due now, as `runJobNow` does. Leaves locked jobs
 * unchanged.
 * Index: the primary key of waiting_jobs, job by job.
 * No row: never.
 */
const runNow = ({ fits, most, isRecorded }: StepParts) =>
  stepStatement(
    fits,
    `${stillFitting("fitting", "waiting_jobs", {
      guard: fits.waiting_jobs ?? "false",
      columns: COLUMNS_BEFORE_RUN_NOW,
    })}, due AS (
    ${setDue(`fitting WHERE j.${ROW_ADDRESS} = fitting.row_address`)},
              j.lease_token, fitting.old_run_at, fitting.old_settings
  ), ${notifySleepers("due", `${isRecorded}`)}
  SELECT (SELECT count(*) FROM due)::int AS changed, ${recorded(isRecorded, runNowRecords("due"))}${STEP_ENDED}
  WHERE ${NOTIFIED}`,
    most,
  );

/** Makes one step's jobs due now. */
export async function runJobsNow(db: Executor, range: StepRange, jobs: StepJobs): Promise<StepResult> {
  const parts = stepParts(jobs);
  const statement = runNow({ ...parts, fits: runnableNow(parts.fits) });
  const row = await runStep(db, statement, { range, values: parts.values });
  return (row as StepResult | undefined) ?? NOTHING_CHANGED;
}
