import type { Executor } from "@millrace/base";
import type { FinalState } from "@millrace/schema/values";

/**
 * Guarantees: reads only, at most $3 rows.
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

/** Which jobs to count, and from where. */
export interface CountBackRange {
  state: FinalState;
  before: string;
  limit: number;
  /** Which job to find, from 1. */
  nth: number;
}

/** What one step of counting found. */
export interface CountBackStep {
  counted: number;
  /** The id of the nth job; null when it is further back. */
  reached: string | null;
  /** Where the next step begins; null when there are no more jobs. */
  before: string | null;
}

/** Counts jobs in a state from the newest back, one bounded step. */
export async function countBack(db: Executor, range: CountBackRange): Promise<CountBackStep> {
  const { rows } = await db.query(COUNT_BACK, [range.state, range.before, range.limit, range.nth]);
  return (rows as CountBackStep[])[0] ?? { counted: 0, reached: null, before: null };
}
