import type { Executor } from "@millrace/base";
import { JOB_STATES } from "@millrace/schema/values";
import type { Job } from "../job/job.ts";
import { rowToJob } from "../job/row-to-job.ts";
import { COLUMNS_WITHOUT_JSON, JOB_COLUMNS } from "./job-columns.sql.ts";
import type { JobFilter } from "./job-filter.ts";
import { Parameters } from "./parameters.ts";
import { type Fits, fitsOf, type JobPlace, jobsOf } from "./selection.sql.ts";

/**
 * The CTE `listed`: the jobs of the CTE `found`, which has the id and the place of each, in the columns of a job.
 * Without `json`, payloads, outputs and progresses are NULL.
 */
export function listedJobs({ json }: { json: boolean }): string {
  const columns = json ? JOB_COLUMNS : COLUMNS_WITHOUT_JSON;
  return `listed AS (
    SELECT j.* FROM found, LATERAL (
      SELECT ${columns} FROM millrace.jobs j WHERE j.id = found.id AND j.state <> 'running' LIMIT 1
    ) AS j WHERE found.place <> 'running_jobs'
    UNION ALL
    SELECT ${columns} FROM millrace.running_jobs j
    WHERE j.claim_ids && ARRAY(SELECT found.id FROM found WHERE found.place = 'running_jobs')
      AND j.id IN (SELECT found.id FROM found WHERE found.place = 'running_jobs')
  )`;
}

/** A filter with the number of jobs to list. */
type LimitedFilter = JobFilter & { limit: number };

/**
 * Guarantees: reads only. Returns at most $1 jobs in the order of `found`, each once, even if jobs move during the
 * statement.
 * Index: the primary keys of waiting_jobs and ended_jobs, job by job. Of the claims, unpacks those of the found jobs.
 * No row: no job was found.
 *
 * `found` is SQL for the id and the place of the jobs; `order` sorts the jobs.
 */
const listed = (found: string, order: string) => `${found}, ${listedJobs({ json: true })}
  SELECT * FROM listed ORDER BY ${order}`;

/**
 * Guarantees: reads only. Finds the newest jobs first, because ids grow with the time of the enqueue.
 * Index: the primary keys of waiting_jobs and ended_jobs, backward. Conditions on ids, keys and tags may use the
 * primary keys and the indexes on tags instead. Reads all claims, and unpacks what the conditions need.
 * No row: no job fits.
 */
function newest(fits: Fits, { before, among }: { before: string; among: string | undefined }): string {
  const parts = Object.entries(fits).map(
    ([place, condition]) => `
      (SELECT j.id, '${place}' AS place FROM ${jobsOf(place as JobPlace, condition, among)}
       WHERE ${condition}${before} ORDER BY j.id DESC LIMIT $1)`,
  );
  const found = `WITH found AS MATERIALIZED (
    SELECT * FROM (${parts.join(" UNION ALL ")}
    ) AS each ORDER BY id DESC LIMIT $1
  )`;
  return listed(found, "id DESC");
}

/** The recursive CTE `lanes`: the lanes that have queued jobs, by a loose scan. `queue` is an SQL condition on `j`. */
export function lanesOf(queue: string): string {
  const lane = (after: string) => `
      SELECT j.queue, j.priority FROM millrace.waiting_jobs j
      WHERE ${queue}${after} ORDER BY j.queue, j.priority LIMIT 1`;
  return `lanes (queue, priority) AS (
    (${lane("")})
    UNION ALL
    SELECT next.queue, next.priority FROM lanes, LATERAL (${lane(
      " AND (j.queue, j.priority) > (lanes.queue, lanes.priority)",
    )}) AS next
  )`;
}

/**
 * Guarantees: reads only. Finds the queued jobs that are or come due first.
 * Index: waiting_jobs_claim_idx, lane by lane: at most $1 fitting jobs of each lane are read and sorted. The lanes are
 * found by a loose index scan.
 * No row: no queued job fits.
 */
function oldestDue(condition: string, { beyond, queue }: { beyond: string; queue: string }): string {
  const found = `WITH RECURSIVE ${lanesOf(queue)}, found AS MATERIALIZED (
    SELECT first.id, 'waiting_jobs' AS place FROM lanes, LATERAL (
      SELECT j.id, j.run_at FROM millrace.waiting_jobs j
      WHERE j.queue = lanes.queue AND j.priority = lanes.priority AND ${condition}${beyond}
      ORDER BY j.run_at, j.id LIMIT $1
    ) AS first ORDER BY first.run_at, first.id LIMIT $1
  )`;
  return listed(found, "run_at, id");
}

/**
 * Guarantees: reads only. Finds the queued jobs that are or come due first. Only for filters that an index turns into
 * few jobs.
 * Index: the primary keys of waiting_jobs and job_keys, or waiting_jobs_tags_idx.
 * No row: no queued job fits.
 */
const oldestDueOfFew = (condition: string, beyond: string) =>
  listed(
    `WITH found AS MATERIALIZED (
    SELECT j.id, 'waiting_jobs' AS place FROM millrace.waiting_jobs j
    WHERE ${condition}${beyond} ORDER BY j.run_at, j.id LIMIT $1
  )`,
    "run_at, id",
  );

/**
 * Guarantees: reads only. Returns when a job is due, as the database's own text, which has the microseconds.
 * Index: the primary keys of waiting_jobs and ended_jobs; reads the ids of all claims.
 * No row: no job has this id.
 */
const DUE = `
  SELECT j.run_at::text AS at FROM millrace.jobs j WHERE j.id = $1 AND j.state <> 'running'
  UNION ALL
  SELECT j.run_at::text FROM millrace.running_jobs j WHERE j.id = $1 AND $1 = ANY(j.claim_ids)`;

/** Returns the jobs that fit a filter, newest first. */
export async function listNewest(db: Executor, filter: LimitedFilter): Promise<Job[]> {
  const parameters = new Parameters(2);
  const fits = fitsOf({ filter, states: JOB_STATES }, parameters);
  if (Object.keys(fits).length === 0) return [];
  const before = filter.before === undefined ? "" : ` AND j.id < ${parameters.add(filter.before)}::uuid`;
  // PostgreSQL refuses a parameter that the statement does not name.
  const needsAmong = filter.ids !== undefined && fits.running_jobs !== undefined;
  const among = needsAmong ? `${parameters.add(filter.ids)}::uuid[]` : undefined;
  const text = newest(fits, { before, among });
  const { rows } = await db.query(text, [filter.limit, ...parameters.values]);
  return rows.map(rowToJob);
}

/**
 * Returns the queued jobs that fit a filter, in the order in which they come due. Returns null if there is no job
 * `before`: then nobody knows where the page begins.
 */
export async function listOldestDue(db: Executor, filter: LimitedFilter): Promise<Job[] | null> {
  const parameters = new Parameters(2);
  const { waiting_jobs: condition } = fitsOf({ filter, states: ["queued"] }, parameters);
  if (condition === undefined) return [];
  let beyond = "";
  if (filter.before !== undefined) {
    const due = await dueAt(db, filter.before);
    if (due === null) return null;
    const [at, id] = [parameters.add(due), parameters.add(filter.before)];
    beyond = ` AND (j.run_at, j.id) > (${at}::timestamptz, ${id}::uuid)`;
  }
  const queue = filter.queue === undefined ? "true" : `j.queue = ${parameters.add(filter.queue)}::text`;
  const text = namesFew(filter) ? oldestDueOfFew(condition, beyond) : oldestDue(condition, { beyond, queue });
  const { rows } = await db.query(text, [filter.limit, ...parameters.values]);
  return rows.map(rowToJob);
}

/** Returns when a job is due, as the database's own text; null if there is no such job. */
export async function dueAt(db: Executor, id: string): Promise<string | null> {
  const { rows } = await db.query(DUE, [id]);
  return (rows as { at: string }[])[0]?.at ?? null;
}

/** Whether an index finds the jobs of a filter, so that it is cheaper to sort them than to read lane by lane. */
function namesFew({ ids, idPrefix, idempotencyKey, tags }: JobFilter): boolean {
  return [ids, idPrefix, idempotencyKey, tags].some((field) => field !== undefined);
}
