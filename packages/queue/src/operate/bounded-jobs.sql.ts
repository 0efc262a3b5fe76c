import type { JobSelection } from "./job-selection.ts";
import { type JobPlace, jobsOf } from "./selection.sql.ts";

/** Which jobs of a place to look at, in which order, and which of them fit. Each field is SQL. */
export interface Bound {
  /** Whether the job `j` fits. */
  condition: string;
  /** Conditions on the jobs to look at, each as ` AND ...`. An index serves them. */
  among: string;
  /** The order in which to look, by columns of the jobs `j`. An index has this order. */
  order: string;
  /**
   * The same order, by columns of the relation `seen`, for who reads the relation in this order. Without it, PostgreSQL
   * does not know that the relation has an order: it reads all `rows` and sorts them, in place of stopping early.
   */
  keeps?: string;
  /** How many jobs to look at. */
  rows: string;
}

/**
 * Returns a relation of the jobs of a place that are looked at: `id`, `created_at`, `run_at`, `fits`, and `nth`, which
 * counts the jobs from 1. No job beyond `rows` is read. PostgreSQL reads the jobs only as far as the statement asks for
 * rows of the relation.
 */
export function boundedJobs(place: Exclude<JobPlace, "running_jobs">, bound: Bound): string {
  const kept = bound.keeps === undefined ? "" : ` ORDER BY ${bound.keeps}`;
  return `(
      SELECT seen.*, row_number() OVER () AS nth FROM (
        SELECT j.id, j.created_at, j.run_at, coalesce(${bound.condition}, false) AS fits
        FROM millrace.${place} j WHERE true${bound.among} ORDER BY ${bound.order} LIMIT ${bound.rows}
      ) AS seen${kept}
    )`;
}

/**
 * Returns a relation of the running jobs, in the columns of `boundedJobs`. All running jobs are looked at: workers can
 * only have claimed so many.
 */
export function runningJobs({ condition, among }: Pick<Bound, "condition" | "among">): string {
  const jobs = jobsOf("running_jobs", `${condition} j.created_at`);
  return `(
      SELECT j.id, j.created_at, NULL::timestamptz AS run_at, coalesce(${condition}, false) AS fits, 0 AS nth
      FROM ${jobs} WHERE true${among}
    )`;
}

/**
 * The condition with which a scan of ended_jobs leaves out the completed jobs, as ` AND ...`. It is the condition of
 * ended_jobs_not_completed_idx, as text and not as a parameter, so that PostgreSQL may use this index.
 */
export function notCompleted({ state }: Pick<JobSelection, "state">): string {
  return state === "failed" || state === "canceled" ? " AND j.state <> 'completed'" : "";
}
