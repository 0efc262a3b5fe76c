import type { Executor } from "@millrace/base";
import { hasLivingWorker } from "../wake/living-worker.sql.ts";

/** How many priorities of a queue are read, and how many due jobs of each priority. */
const LANES_MAX = 20;
const JOBS_MAX = 1_000;

/**
 * Guarantees: reads a bounded number of index entries, however many jobs wait.
 * Index: waiting_jobs_claim_idx, which has every column that is read: one probe for each lane, and the lane's first
 * entries.
 * No row: for each due job that was read, a living worker has a task for its type.
 *
 * The first jobs of each lane are enough: jobs that no worker takes stay the first of their lane.
 */
const FIND = `
  WITH RECURSIVE lanes (queue, priority, n) AS (
    SELECT given.queue, first.priority, 1
    FROM unnest($1::text[]) AS given(queue), LATERAL (
      SELECT j.priority FROM millrace.waiting_jobs j
      WHERE j.queue = given.queue
      ORDER BY j.priority LIMIT 1
    ) AS first
    WHERE NOT EXISTS (
      SELECT FROM millrace.job_queues q WHERE q.name = given.queue AND q.paused_at IS NOT NULL)
    UNION ALL
    SELECT lanes.queue, next.priority, lanes.n + 1
    FROM lanes, LATERAL (
      SELECT j.priority FROM millrace.waiting_jobs j
      WHERE j.queue = lanes.queue AND j.priority > lanes.priority
      ORDER BY j.priority LIMIT 1
    ) AS next
    WHERE lanes.n < ${LANES_MAX}
  ), waiting AS (
    SELECT lanes.queue, head.type, count(*)::int AS jobs
    FROM lanes, LATERAL (
      SELECT j.type FROM millrace.waiting_jobs j
      WHERE j.queue = lanes.queue AND j.priority = lanes.priority AND j.run_at <= now()
      ORDER BY j.run_at, j.id LIMIT ${JOBS_MAX}
    ) AS head
    WHERE head.type <> ALL($2::text[])
    GROUP BY lanes.queue, head.type
  )
  SELECT queue, type, jobs FROM waiting WHERE NOT ${hasLivingWorker("waiting.queue", "waiting.type")}
  ORDER BY queue, type`;

/** Due jobs of one type in one queue that no living worker has a task for. */
export interface TypeWithoutTask {
  queue: string;
  type: string;
  /** How many such jobs were read. */
  jobs: number;
}

/**
 * Finds due jobs in these queues whose type is not in `types`, and that no living worker of the queue has a task for.
 */
export async function findTypesWithoutTask(
  db: Executor,
  { queues, types }: { queues: readonly string[]; types: readonly string[] },
): Promise<TypeWithoutTask[]> {
  const { rows } = await db.query(FIND, [queues, types]);
  return rows as TypeWithoutTask[];
}
