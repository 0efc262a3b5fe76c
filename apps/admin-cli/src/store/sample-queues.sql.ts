import type { Pool } from "pg";

/** The numbers of a queue's jobs at one instant. */
export interface QueueSample {
  readonly queue: string;
  readonly pausedAt: Date | null;
  readonly queued: number;
  readonly running: number;
  readonly due: number;
  readonly oldestDueMs: number | null;
  /** How many jobs have an id above the sample's first boundary, in all states. */
  readonly madeSinceFirst: number;
  /** How many jobs have an id above the sample's second boundary, in all states. */
  readonly madeSinceSecond: number;
}

/** The ids above which jobs are counted. Null: no job is counted. */
export interface SampleBoundaries {
  readonly first: string | null;
  readonly second: string;
}

/**
 * Guarantees: reads only. All counts are of one snapshot, so that jobs that move meanwhile are counted once.
 * Index: reads all of waiting_jobs, in the claim index alone when the table is vacuumed; the job count of each claim;
 * and, of all places, the jobs whose ids are above the boundaries, by the primary keys. Does not read other ended jobs.
 * No row: no queue has queued or running jobs, or is paused.
 */
const SAMPLE = `
  WITH waiting AS (
    SELECT w.queue, count(*)::float8 AS queued, count(*) FILTER (WHERE w.run_at <= now())::float8 AS due,
           (extract(epoch FROM now() - min(w.run_at) FILTER (WHERE w.run_at <= now())) * 1000)::float8 AS oldest
    FROM millrace.waiting_jobs w GROUP BY w.queue
  ), running AS (
    SELECT c.queue, sum(coalesce(cardinality(c.open), cardinality(c.ids)))::float8 AS running
    FROM millrace.claims c GROUP BY c.queue
  ), made AS (
    SELECT j.queue, count(*) FILTER (WHERE j.id > $1::uuid)::float8 AS first,
           count(*) FILTER (WHERE j.id > $2::uuid)::float8 AS second
    FROM (
      SELECT w.id, w.queue FROM millrace.waiting_jobs w WHERE w.id > least($1::uuid, $2::uuid)
      UNION ALL SELECT r.id, r.queue FROM millrace.running_jobs r WHERE r.id > least($1::uuid, $2::uuid)
      UNION ALL SELECT e.id, e.queue FROM millrace.ended_jobs e WHERE e.id > least($1::uuid, $2::uuid)
    ) AS j GROUP BY j.queue
  ), named AS (
    SELECT queue FROM waiting UNION SELECT queue FROM running UNION SELECT queue FROM made
    UNION SELECT q.name FROM millrace.job_queues q WHERE q.paused_at IS NOT NULL
  )
  SELECT named.queue, q.paused_at AS "pausedAt", coalesce(waiting.queued, 0) AS queued,
         coalesce(running.running, 0) AS running, coalesce(waiting.due, 0) AS due, waiting.oldest AS "oldestDueMs",
         coalesce(made.first, 0) AS "madeSinceFirst", coalesce(made.second, 0) AS "madeSinceSecond"
  FROM named
  LEFT JOIN waiting ON waiting.queue = named.queue LEFT JOIN running ON running.queue = named.queue
  LEFT JOIN made ON made.queue = named.queue LEFT JOIN millrace.job_queues q ON q.name = named.queue
  ORDER BY named.queue`;

/** Returns the numbers of each queue's jobs now. */
export async function sampleQueues(pool: Pool, { first, second }: SampleBoundaries): Promise<QueueSample[]> {
  const { rows } = await pool.query<QueueSample>(SAMPLE, [first, second]);
  return rows;
}
