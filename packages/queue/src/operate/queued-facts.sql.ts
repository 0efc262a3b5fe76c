import type { Executor } from "@millrace/base";
import { toDate, toInstant } from "../job/row-to-job.ts";
import { LIVING_FOR } from "../wake/living-worker.sql.ts";
import { LAST_ID } from "./id-part.ts";

/** How many jobs before a job are counted, and in how many lanes. */
export const BEFORE_MAX = 10_000;
const LANES_MAX = 1_000;

/** Less than every priority. */
const BEFORE_ALL = -32_769;

/**
 * Guarantees: reads only, and reads a bounded part of the queue: at most `BEFORE_MAX` jobs in `LANES_MAX` lanes.
 * Index: the primary keys of waiting_jobs and job_queues, and waiting_jobs_claim_idx: a probe for each lane before the
 * job's lane, then the due jobs before the job. Reads all rows of workers, and the job count of each claim.
 * No row: the job is not queued.
 *
 * Jobs of types that no living worker of the queue has a task for do not hold up others. They are read, not counted.
 *
 * A lane is read up to one bound: the job, or the due jobs of a lane before the job's lane. With two upper bounds,
 * PostgreSQL would not stop at the row comparison, and read all due jobs of the lane.
 */
const FACTS = `
  WITH RECURSIVE job AS MATERIALIZED (
    SELECT j.id, j.queue, j.type, j.priority, j.run_at, j.settings, j.xmax::text AS locker
    FROM millrace.waiting_jobs j WHERE j.id = $1
  ), living AS MATERIALIZED (
    SELECT w.worker_id, w.types, w.concurrency, w.paused_at IS NOT NULL AS is_paused,
           job.queue = ANY(w.queues) AS claims, job.type = ANY(w.types) AS has_task
    FROM millrace.workers w, job WHERE w.seen_at > now() - ${LIVING_FOR}
  ), known AS MATERIALIZED (
    SELECT coalesce(array_agg(DISTINCT type.name), '{}') AS types
    FROM living, unnest(living.types) AS type(name) WHERE living.claims
  ), lanes (priority, looked, before, n) AS (
    SELECT ${BEFORE_ALL}, 0::bigint, 0::bigint, 0
    UNION ALL
    SELECT next.priority, lanes.looked + due.looked, lanes.before + due.before, lanes.n + 1
    FROM lanes, job, LATERAL (
      SELECT j.priority::int AS priority,
             CASE WHEN j.priority = job.priority AND job.run_at <= now() THEN job.run_at ELSE now() END AS run_at,
             CASE WHEN j.priority = job.priority AND job.run_at <= now() THEN job.id ELSE '${LAST_ID}' END AS id
      FROM millrace.waiting_jobs j
      WHERE j.queue = job.queue AND j.priority > lanes.priority AND j.priority <= job.priority
      ORDER BY j.priority, j.run_at, j.id LIMIT 1
    ) AS next, LATERAL (
      SELECT count(*) AS looked,
             count(*) FILTER (WHERE found.type = ANY((SELECT known.types FROM known)::text[])) AS before
      FROM (
        SELECT j.type FROM millrace.waiting_jobs j
        WHERE j.queue = job.queue AND j.priority = next.priority
          AND (j.run_at, j.id) < (next.run_at, next.id)
        ORDER BY j.run_at, j.id LIMIT ${BEFORE_MAX + 1} - lanes.looked
      ) AS found
    ) AS due
    WHERE lanes.n < ${LANES_MAX} AND lanes.looked <= ${BEFORE_MAX}
  ), far AS MATERIALIZED (
    SELECT least(lanes.before, ${BEFORE_MAX})::float8 AS before,
           lanes.looked > ${BEFORE_MAX} OR lanes.n = ${LANES_MAX} AS is_cut
    FROM lanes ORDER BY lanes.n DESC LIMIT 1
  )
  SELECT now() AS now, job.run_at, job.locker <> '0' AS was_locked,
         has_table_privilege('millrace.waiting_jobs', 'UPDATE') AS "mayLock", job.settings ->> 'after' AS after,
         (SELECT q.paused_at FROM millrace.job_queues q WHERE q.name = job.queue) AS paused_at,
         (SELECT count(*) FROM living)::float8 AS living,
         (SELECT count(*) FROM living WHERE claims)::float8 AS claiming,
         (SELECT count(*) FROM living WHERE claims AND has_task)::float8 AS able,
         (SELECT count(*) FROM living WHERE claims AND has_task AND is_paused)::float8 AS "ablePaused",
         (SELECT CASE WHEN count(*) = count(concurrency) THEN coalesce(sum(concurrency), 0) END
          FROM living WHERE claims AND has_task)::float8 AS slots,
         (SELECT coalesce(sum(coalesce(cardinality(c.open), cardinality(c.ids))), 0) FROM millrace.claims c
          WHERE c.worker_id IN (SELECT worker_id FROM living WHERE claims AND has_task))::float8 AS running,
         far.before, far.is_cut AS "beforeIsCut"
  FROM job, far`;

/** What is known of a queued job and of those who could run it. */
export interface QueuedFacts {
  /** The time by the database's clock. */
  now: Date;
  /** When the job is due; null: it waits for something other than time. */
  runAt: Date | null;
  /** The job whose end the job waits for. */
  after: string | null;
  /** When the job's queue was paused. */
  pausedAt: Date | null;
  /** How many workers are alive; how many of these claim from the job's queue; how many of these have its task, too. */
  living: number;
  claiming: number;
  able: number;
  /** How many of the able workers are paused by their programs. */
  ablePaused: number;
  /** How many jobs the able workers run at a time; null if one of them, of an older release, does not tell. */
  slots: number | null;
  /** How many jobs the able workers run. */
  running: number;
  /** How many due jobs of the queue come before the job, at most `BEFORE_MAX`, and whether there may be more. */
  before: number;
  beforeIsCut: boolean;
  /** Whether a transaction, which may have ended, has locked the job's row at some time. */
  wasLocked: boolean;
  /** Whether this role may lock the job's row. */
  mayLock: boolean;
}

interface Row extends Omit<QueuedFacts, "now" | "runAt" | "pausedAt" | "wasLocked"> {
  now: unknown;
  run_at: unknown;
  paused_at: unknown;
  was_locked: boolean;
}

/** Returns the facts about a queued job; null if the job is not queued. */
export async function readQueuedFacts(db: Executor, id: string): Promise<QueuedFacts | null> {
  const { rows } = await db.query(FACTS, [id]);
  const [row] = rows as Row[];
  if (row === undefined) return null;
  const { now, run_at: runAt, paused_at: pausedAt, was_locked: wasLocked, ...figures } = row;
  return { ...figures, now: toInstant(now), runAt: toDate(runAt), pausedAt: toDate(pausedAt), wasLocked };
}
