import type { Executor } from "@millrace/base";
import { isActive, RUNNING } from "./free-followers.sql.ts";

/**
 * Guarantees: whoever ends one of the given jobs after this statement's commit sends a notice: the job has a row in
 * job_waits. Waits for no transaction that is ending a job.
 * Index: the primary keys of ended_jobs, waiting_jobs and job_waits. Reads the ids of all claims.
 * No row: the job is queued or running.
 *
 * A row of job_waits that is there already stays as it is, and is not locked. If the row is deleted because its time is
 * over, the next look inserts the row again.
 */
const WATCH = `
  WITH given AS MATERIALIZED (
    SELECT given.* FROM unnest($1::uuid[], $2::float8[]) AS given(id, for_ms)
  ), ${RUNNING}, standing AS MATERIALIZED (
    SELECT given.id, given.for_ms,
           CASE WHEN EXISTS (SELECT FROM millrace.ended_jobs e WHERE e.id = given.id) THEN 'ended'
                WHEN NOT ${isActive("given.id")} THEN 'missing' END AS standing
    FROM given
  ), watched AS (
    INSERT INTO millrace.job_waits (job_id, until)
    SELECT s.id, now() + s.for_ms * interval '1 ms' FROM standing AS s
    WHERE s.standing IS NULL AND NOT EXISTS (SELECT FROM millrace.job_waits w WHERE w.job_id = s.id)
    ORDER BY s.id
    ON CONFLICT (job_id) DO NOTHING
  )
  SELECT s.id, s.standing FROM standing AS s WHERE s.standing IS NOT NULL`;

/** A job whose end somebody waits for, and for how long, in ms. */
export interface WatchedJob {
  id: string;
  forMs: number;
}

/** What became of a job that is neither queued nor running. */
export interface Departed {
  id: string;
  standing: "ended" | "missing";
}

/** Asks to be told of the ends of jobs. Returns the jobs that are neither queued nor running. */
export async function watchEnded(db: Executor, jobs: readonly WatchedJob[]): Promise<Departed[]> {
  const { rows } = await db.query(WATCH, [jobs.map((job) => job.id), jobs.map((job) => job.forMs)]);
  return rows as Departed[];
}
