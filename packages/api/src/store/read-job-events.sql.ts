import type { Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";

/** How a job is now, for people who follow the job. Progress is PostgreSQL's text, before redaction. */
export interface FollowedJob {
  id: string;
  state: JobState;
  progress: string | null;
  attempts: number;
  maxAttempts: number;
  runAtMs: number | null;
  updatedMs: number;
  finishedMs: number | null;
}

/** The instant in ms; null for `infinity`, which a driver would give as a number that no Date has. */
const ms = (instant: string) =>
  `CASE WHEN isfinite(${instant}) THEN (extract(epoch FROM ${instant}) * 1000)::float8 END`;

/**
 * Guarantees: reads only. A job that moves during the statement is found once. Always returns the time.
 * Index: the primary keys of waiting_jobs and ended_jobs. Reads the ids of all claims, and more only of the given jobs.
 * No row: never. A row without an id has only the time; a job that has no row does not exist.
 */
const READ = `
  SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms, j.*
  FROM (VALUES (1)) AS always LEFT JOIN (
    SELECT w.id, 'queued' AS state, w.progress::text AS progress, w.attempts, w.max_attempts,
           ${ms("w.run_at")} AS run_at_ms, ${ms("w.updated_at")} AS updated_ms, NULL::float8 AS finished_ms
    FROM millrace.waiting_jobs w WHERE w.id = ANY($1::uuid[])
    UNION ALL
    SELECT job.id, 'running', c.progress[job.ordinal]::text, c.attempts[job.ordinal], c.max_attempts[job.ordinal],
           ${ms("c.run_ats[job.ordinal]")}, ${ms("c.updated_at")}, NULL
    FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
    WHERE job.id = ANY($1::uuid[]) AND (c.open IS NULL OR job.ordinal = ANY(c.open))
    UNION ALL
    SELECT e.id, e.state, e.progress::text, e.attempts, e.max_attempts,
           ${ms("e.run_at")}, ${ms("e.ended_at")}, ${ms("e.ended_at")}
    FROM millrace.ended_jobs e WHERE e.id = ANY($1::uuid[])
  ) AS j ON true`;

interface Row {
  now_ms: number;
  id: string | null;
  state: JobState;
  progress: string | null;
  attempts: number;
  max_attempts: number;
  run_at_ms: number | null;
  updated_ms: number;
  finished_ms: number | null;
}

/** Reads how the given jobs are now, and the time by the database's clock. */
export async function readJobEvents(
  db: Executor,
  ids: readonly string[],
): Promise<{ values: Map<string, FollowedJob>; nowMs: number }> {
  const { rows } = await db.query(READ, [ids]);
  // The cast rests on the statement's own casts.
  const read = rows as Row[];
  const values = new Map<string, FollowedJob>();
  for (const row of read) if (row.id !== null) values.set(row.id, toFollowed(row.id, row));
  return { values, nowMs: read[0]?.now_ms ?? Number.NaN };
}

function toFollowed(id: string, row: Row): FollowedJob {
  const { state, progress, attempts, max_attempts, run_at_ms, updated_ms, finished_ms } = row;
  return {
    id,
    state,
    progress,
    attempts,
    maxAttempts: max_attempts,
    runAtMs: run_at_ms,
    updatedMs: updated_ms,
    finishedMs: finished_ms,
  };
}
