import type { Executor } from "@millrace/base";
import { toInstant } from "../job/row-to-job.ts";
import { ERROR_MAX } from "./error-fingerprint.ts";
import type { FailuresFilter } from "./failure-report.ts";

/**
 * SQL for the message of a failed job `j`, from which its fingerprint is computed, as `messageOf` returns it. Messages
 * have no frames, because frames may differ where messages do not.
 */
export const ERROR_MESSAGE = `split_part(left(j.last_error, ${ERROR_MAX}), E'\\n    at ', 1)`;

/**
 * Guarantees: reads at most $2 rows, and changes nothing. Returns at most $3 failed jobs, the last enqueued first, by
 * type, queue and message.
 * Index: ended_jobs_not_completed_idx, backward.
 * No row: never. The last row tells where the step ended: the `before` of the next step, and NULL after the last step.
 */
const FAILURES = `
  WITH step AS MATERIALIZED (
    SELECT j.id, j.state = 'failed' AND ($4::text IS NULL OR j.queue = $4) AND ($5::text IS NULL OR j.type = $5)
             AND ($6::timestamptz IS NULL OR j.ended_at >= $6) AS fits
    FROM millrace.ended_jobs j WHERE j.id < $1::uuid AND j.state <> 'completed' ORDER BY j.id DESC LIMIT $2
  ), fitting AS MATERIALIZED (
    SELECT step.id FROM step WHERE step.fits ORDER BY step.id DESC LIMIT $3
  ), failed AS MATERIALIZED (
    SELECT job.* FROM fitting, LATERAL (
      SELECT j.id, j.type, j.queue, j.ended_at, ${ERROR_MESSAGE} AS error
      FROM millrace.ended_jobs j WHERE j.id = fitting.id LIMIT 1
    ) AS job
  )
  SELECT failed.type, failed.queue, failed.error, count(*)::float8 AS count, min(failed.ended_at) AS first_at,
         max(failed.ended_at) AS last_at,
         (array_agg(failed.id ORDER BY failed.ended_at DESC, failed.id DESC))[1] AS id
  FROM failed GROUP BY failed.type, failed.queue, failed.error
  UNION ALL
  SELECT NULL, NULL, NULL, NULL, NULL, NULL,
         CASE WHEN (SELECT count(*) FROM fitting) = $3 AND (SELECT count(*) FROM step WHERE step.fits) > $3
              THEN (SELECT fitting.id FROM fitting ORDER BY fitting.id LIMIT 1)
              WHEN (SELECT count(*) FROM step) = $2 THEN (SELECT step.id FROM step ORDER BY step.id LIMIT 1) END`;

/** Which jobs a step reads. */
export interface FailuresRange {
  /** Only jobs with a smaller id. */
  before: string;
  /** How many failed and canceled jobs the step reads. */
  limit: number;
  /** How many failed jobs the step returns. */
  most: number;
  filter: FailuresFilter;
}

/** What one step found. */
export interface FailuresOfStep {
  /** The failed jobs, by type, queue and message. `error` is the message, without frames. */
  failures: {
    type: string;
    queue: string;
    error: string | null;
    count: number;
    firstAt: Date;
    lastAt: Date;
    exampleId: string;
  }[];
  /** The `before` of the next step; null when there are no more jobs. */
  before: string | null;
}

interface Row {
  type: string;
  queue: string;
  error: string | null;
  count: number;
  first_at: unknown;
  last_at: unknown;
  id: string;
}

/** Reads failed jobs from newer ones to older ones. One call is one bounded step. */
export async function readFailures(db: Executor, range: FailuresRange): Promise<FailuresOfStep> {
  const { queue, type, finishedAfter } = range.filter;
  const { rows } = await db.query(FAILURES, [
    range.before,
    range.limit,
    range.most,
    queue ?? null,
    type ?? null,
    finishedAfter?.toISOString() ?? null,
  ]);
  const found = rows as (Row | { type: null; id: string | null })[];
  return {
    failures: found
      .filter((row): row is Row => row.type !== null)
      .map((row) => ({
        type: row.type,
        queue: row.queue,
        error: row.error,
        count: row.count,
        firstAt: toInstant(row.first_at),
        lastAt: toInstant(row.last_at),
        exampleId: row.id,
      })),
    before: found.find((row) => row.type === null)?.id ?? null,
  };
}
