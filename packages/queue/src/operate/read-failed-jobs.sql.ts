import type { Executor } from "@millrace/base";
import { ERROR_MESSAGE } from "./read-failures.sql.ts";

/**
 * Guarantees: reads at most $2 rows, and changes nothing. Returns the failed jobs among them that have this type and
 * queue, the last enqueued first.
 * Index: ended_jobs_not_completed_idx, backward.
 * No row: never. The last row tells where the step ended: the `before` of the next step, and NULL after the last step.
 */
const FAILED = `
  WITH step AS MATERIALIZED (
    SELECT j.id, j.state = 'failed' AND j.type = $3 AND j.queue = $4 AS fits,
           CASE WHEN j.state = 'failed' AND j.type = $3 AND j.queue = $4 THEN ${ERROR_MESSAGE} END AS error
    FROM millrace.ended_jobs j WHERE j.id < $1::uuid AND j.state <> 'completed' ORDER BY j.id DESC LIMIT $2
  )
  SELECT * FROM (
    SELECT step.id, step.error, true AS fits FROM step WHERE step.fits ORDER BY step.id DESC
  ) AS fitting
  UNION ALL
  SELECT CASE WHEN (SELECT count(*) FROM step) = $2 THEN (SELECT step.id FROM step ORDER BY step.id LIMIT 1) END,
         NULL, false`;

/** Which jobs a step reads. */
export interface FailedJobsRange {
  /** Only jobs with a smaller id. */
  before: string;
  /** How many failed and canceled jobs the step reads. */
  limit: number;
  kind: { type: string; queue: string };
}

/** What one step found. */
export interface FailedJobsOfStep {
  /** `error` is the message, without frames. */
  jobs: { id: string; error: string | null }[];
  /** The `before` of the next step; null when there are no more jobs. */
  before: string | null;
}

/** Reads failed jobs of a type and a queue, from newer ones to older ones. One call is one bounded step. */
export async function readFailedJobs(
  db: Executor,
  { before, limit, kind }: FailedJobsRange,
): Promise<FailedJobsOfStep> {
  const { rows } = await db.query(FAILED, [before, limit, kind.type, kind.queue]);
  const found = rows as { id: string | null; error: string | null; fits: boolean }[];
  return {
    jobs: found.flatMap(({ id, error, fits }) => (fits && id !== null ? [{ id, error }] : [])),
    before: found.find((row) => !row.fits)?.id ?? null,
  };
}
