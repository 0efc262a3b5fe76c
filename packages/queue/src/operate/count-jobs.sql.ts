import type { Executor } from "@millrace/base";
import type { StepParts } from "./bulk-step.ts";
import type { CancelStep } from "./cancel-jobs.sql.ts";
import { NOTHING_CHANGED, runStep, STEP_ENDED, type StepRange, stepStatement } from "./walk-step.sql.ts";

/**
 * Guarantees: reads only. Counts the fitting jobs of one step: those that a command would change, and the running ones
 * whose cancel it would request.
 * Index: the primary keys of the tables, in bounded steps; unpacks all claims.
 * No row: never.
 */
const count = ({ fits, most }: StepParts) =>
  stepStatement(
    fits,
    `counts AS (
    SELECT count(*) FILTER (WHERE source <> 'running_jobs')::int AS changed,
           count(*) FILTER (WHERE source = 'running_jobs')::int AS asked
    FROM step WHERE step.fits
  )
  SELECT counts.*, ${STEP_ENDED} FROM counts`,
    most,
  );

/** Counts what a command would change in one step, for `dryRun`. */
export async function countJobs(db: Executor, range: StepRange, parts: StepParts): Promise<CancelStep> {
  const row = await runStep(db, count(parts), { range, values: parts.values });
  return (row as CancelStep | undefined) ?? { ...NOTHING_CHANGED, asked: 0 };
}
