import type { Executor } from "@millrace/base";
import type { FinalState } from "@millrace/schema/values";
import { deleteStatement, KEY_IS_FREE } from "./delete-jobs.sql.ts";
import { rangeValues, type StepRange, type StepResult } from "./walk-step.sql.ts";

/** The SQL condition that a rule selects an ended job `j`. The rules are the parameters $4 to $6. */
const FITS_RULE = `EXISTS (
      SELECT FROM unnest($4::text[], $5::float8[], $6::uuid[]) AS rule(state, older_than_ms, before)
      WHERE rule.state = j.state
        AND (j.ended_at < now() - rule.older_than_ms * interval '1 ms' OR j.id < rule.before))`;

/**
 * Guarantees: deletes only ended jobs that a rule for their state selects, with their attempts, keys and payloads.
 * Leaves locked rows unchanged.
 * Index: the primary key of ended_jobs, in bounded steps.
 * No row: never.
 */
const PRUNE = deleteStatement({ ended_jobs: `(${KEY_IS_FREE} AND ${FITS_RULE})` }).walk;

/**
 * Selects ended jobs of a state to delete: jobs that ended longer ago than an age, and jobs with an id below `before`.
 */
export interface PruneRule {
  state: FinalState;
  olderThanMs: number | null;
  before: string | null;
}

/** Deletes the jobs that the rules select among one step's jobs. */
export async function pruneJobs(
  db: Executor,
  range: StepRange,
  rules: readonly PruneRule[],
): Promise<StepResult> {
  const { rows } = await db.query(PRUNE, [
    ...rangeValues(range),
    rules.map((rule) => rule.state),
    rules.map((rule) => rule.olderThanMs),
    rules.map((rule) => rule.before),
  ]);
  return (rows as StepResult[])[0] ?? { changed: 0, fitted: 0, after: null };
}
