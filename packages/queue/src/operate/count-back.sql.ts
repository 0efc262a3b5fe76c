import type { Executor } from "@millrace/base";
import type { FinalState } from "@millrace/schema/values";

/**
 * Guarantees: reads at most $3 rows, and changes nothing.
 * Index: the primary key of ended_jobs, backward.
 * No row: never.
 */
const COUNT_BACK = `
  WITH step AS MATERIALIZED (
    SELECT j.id, j.state = $1 AS fits FROM millrace.ended_jobs j WHERE j.id < $2::uuid ORDER BY j.id DESC LIMIT $3
  )
  SELECT (SELECT count(*) FROM step WHERE step.fits)::int AS counted,
         (SELECT step.id FROM step WHERE step.fits ORDER BY step.id DESC OFFSET $4 - 1 LIMIT 1) AS reached,
         (SELECT step.id FROM step ORDER BY step.id LIMIT 1) AS before`;

/** Which jobs one step of the count reads. */
export interface CountBackRange {
  state: FinalState;
  /** Only jobs with a smaller id. */
  before: string;
  /** How many jobs the step looks at. */
  limit: number;
  /** The number of the job to find, counted from the newest job of the state, from 1. */
  nth: number;
}

/** The result of one step of counting. */
export interface CountBackStep {
  /** How many jobs of the state the step found. */
  counted: number;
  /** The id of the nth job; null when the step did not reach the nth job. */
  reached: string | null;
  /** The `before` of the next step; null when there are no more jobs. */
  before: string | null;
}

/** Counts jobs in a state from the newest job to older jobs. One call is one bounded step. */
export async function countBack(db: Executor, range: CountBackRange): Promise<CountBackStep> {
  const { rows } = await db.query(COUNT_BACK, [range.state, range.before, range.limit, range.nth]);
  return (rows as CountBackStep[])[0] ?? { counted: 0, reached: null, before: null };
}
