import type { Executor } from "@millrace/base";
import { ROW_ADDRESS } from "../job/row-address.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import { retryRecords } from "./before-command.sql.ts";
import { type StepJobs, type StepParts, stepParts } from "./bulk-step.ts";
import { CAN_RETRY, REQUEUED } from "./retry-job.sql.ts";
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

/** Where `retryMany` finds jobs: ended ones that can be retried. */
export const retryable = ({ ended_jobs }: Fits): Fits =>
  ended_jobs === undefined ? {} : { ended_jobs: `(${ended_jobs} AND ${CAN_RETRY})` };

/**
 * Guarantees: of one step's jobs, retries the fitting ended jobs, as `retryJob` does. Leaves locked jobs unchanged.
 * Index: the primary key of ended_jobs, job by job.
 * No row: never.
 */
const retry = ({ fits, most, isRecorded }: StepParts) =>
  stepStatement(
    fits,
    `${stillFitting("fitting", "ended_jobs", { guard: fits.ended_jobs ?? "false" })}, again AS (
    DELETE FROM millrace.ended_jobs j USING fitting WHERE j.${ROW_ADDRESS} = fitting.row_address
    RETURNING j.*
  ), ${REQUEUED}, ${notifySleepers("requeued", `${isRecorded}`)}
  SELECT (SELECT count(*) FROM requeued)::int AS changed, ${recorded(isRecorded, retryRecords("again"))}${STEP_ENDED}
  WHERE ${NOTIFIED}`,
    most,
  );

/** Retries one step's jobs. */
export async function retryJobs(db: Executor, range: StepRange, jobs: StepJobs): Promise<StepResult> {
  const parts = stepParts(jobs);
  const statement = retry({ ...parts, fits: retryable(parts.fits) });
  const row = await runStep(db, statement, { range, values: parts.values });
  return (row as StepResult | undefined) ?? NOTHING_CHANGED;
}
