import type { Executor } from "@millrace/base";
import { JOB_STATES, type JobState } from "@millrace/schema/values";
import type { Job, JobAttempt } from "../job/job.ts";
import { rowToAttempt, rowToJob } from "../job/row-to-job.ts";
import { COLUMNS_WITHOUT_JSON, JOB_COLUMNS } from "./job-columns.sql.ts";
import type { QueueStats } from "./queue-stats.ts";

/**
 * Guarantees: reads only. A job that moves during the statement is found once.
 * Index: the primary keys of waiting_jobs and ended_jobs. Reads the ids of all claims; unpacks only the job's claim.
 * No row: no job has this id.
 */
const get = (columns: string) => `
  SELECT ${columns} FROM millrace.jobs j WHERE j.id = $1 AND j.state <> 'running'
  UNION ALL
  SELECT ${columns} FROM millrace.running_jobs j WHERE j.id = $1 AND $1 = ANY(j.claim_ids)`;

const GET = get(JOB_COLUMNS);
const GET_WITHOUT_JSON = get(COLUMNS_WITHOUT_JSON);

/**
 * Guarantees: reads only. Returns the last $2 attempts.
 * Index: the primary key of job_attempts, backward.
 * No row: no job has this id, or every attempt of the job completed the job or still runs.
 */
const ATTEMPTS = `
  SELECT last.* FROM (
    SELECT job_id, lease_token, attempt, worker_id, started_at, finished_at, outcome, error
    FROM millrace.job_attempts WHERE job_id = $1 ORDER BY lease_token DESC LIMIT $2
  ) AS last ORDER BY last.lease_token`;

/**
 * Guarantees: reads only. A job that moves during the statement is found once.
 * Index: the primary keys of job_keys, waiting_jobs and ended_jobs. Reads the ids of all claims.
 * No row: no job has this key.
 */
const GET_BY_KEY = `
  WITH holder AS MATERIALIZED (
    SELECT k.job_id AS id FROM millrace.job_keys k WHERE k.key = $1
  )
  SELECT ${JOB_COLUMNS} FROM millrace.jobs j WHERE j.id = (SELECT holder.id FROM holder) AND j.state <> 'running'
  UNION ALL
  SELECT ${JOB_COLUMNS} FROM millrace.running_jobs j
  WHERE j.id = (SELECT holder.id FROM holder) AND (SELECT holder.id FROM holder) = ANY(j.claim_ids)`;

/**
 * Guarantees: reads only. Counts each job once, even if jobs move during the statement.
 * Index: none; reads all of waiting_jobs and ended_jobs, and the job count of each claim.
 * No row: there is no job.
 */
const STATS = `
  SELECT w.queue, 'queued' AS state, count(*)::float8 AS jobs,
         count(*) FILTER (WHERE w.run_at <= now())::float8 AS due,
         (extract(epoch FROM now() - min(w.run_at) FILTER (WHERE w.run_at <= now())) * 1000)::float8 AS oldest_due_ms
  FROM millrace.waiting_jobs w GROUP BY w.queue
  UNION ALL
  SELECT c.queue, 'running', sum(coalesce(cardinality(c.open), cardinality(c.ids)))::float8, 0, NULL
  FROM millrace.claims c GROUP BY c.queue
  UNION ALL
  SELECT e.queue, e.state, count(*)::float8, 0, NULL FROM millrace.ended_jobs e GROUP BY e.queue, e.state
  ORDER BY queue`;

/** Returns a job, or null if no job has this id. Without `json`, its payload, output and progress are null. */
export async function findJob(db: Executor, id: string, { json = true } = {}): Promise<Job | null> {
  const { rows } = await db.query(json ? GET : GET_WITHOUT_JSON, [id]);
  return rows.length === 0 ? null : rowToJob(rows[0]);
}

/** Returns the last attempts of a job that did not complete the job, oldest first. */
export async function listAttempts(db: Executor, id: string, last: number): Promise<JobAttempt[]> {
  const { rows } = await db.query(ATTEMPTS, [id, last]);
  return rows.map(rowToAttempt);
}

/** Returns the job that has an idempotency key, or null if none has. */
export async function findJobByKey(db: Executor, key: string): Promise<Job | null> {
  const { rows } = await db.query(GET_BY_KEY, [key]);
  return rows.length === 0 ? null : rowToJob(rows[0]);
}

interface StatsRow {
  queue: string;
  state: JobState;
  jobs: number;
  due: number;
  oldest_due_ms: number | null;
}

/** Counts jobs by queue and state. Reads all jobs: for operators, not for hot paths. */
export async function readStats(db: Executor): Promise<QueueStats[]> {
  const { rows } = await db.query(STATS);
  const byQueue = new Map<string, QueueStats>();
  for (const row of rows as StatsRow[]) {
    const stats = byQueue.get(row.queue) ?? emptyStats(row.queue);
    stats.counts[row.state] = row.jobs;
    stats.due += row.due;
    stats.oldestDueMs = row.oldest_due_ms ?? stats.oldestDueMs;
    byQueue.set(row.queue, stats);
  }
  return [...byQueue.values()];
}

/** Returns the stats of a queue that has no jobs. */
export function emptyStats(queue: string): QueueStats {
  const counts = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
  return { queue, counts, due: 0, oldestDueMs: null };
}
