import type { JobInsert } from "../domain/new-job.ts";
import { LISTEN_CHANNEL } from "../domain/wake-up.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: one row per job, but for those whose idempotency key is taken, by an older row or by an earlier job
 * of the same call. Index: jobs_idempotency_key_idx decides. A missing row means: the key was taken.
 */
const INSERT = `
  WITH inserted AS (
  INSERT INTO millrace.jobs
    (id, queue, type, payload, priority, run_at, max_attempts, idempotency_key, schedule_id)
  SELECT g.id, g.queue, g.type, g.payload, g.priority,
         coalesce(g.run_at, now() + coalesce(g.delay_ms, 0) * interval '1 ms'),
         g.max_attempts, g.idempotency_key, g.schedule_id
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::smallint[], $6::timestamptz[],
              $7::float8[], $8::int[], $9::text[], $10::uuid[])
    AS g(id, queue, type, payload, priority, run_at, delay_ms, max_attempts, idempotency_key, schedule_id)
  ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
  RETURNING id, queue, priority, run_at
  ), told AS MATERIALIZED (
    SELECT pg_notify('${LISTEN_CHANNEL}', lane.priority || ':' || lane.queue)
    FROM (SELECT DISTINCT queue, priority FROM inserted WHERE run_at <= now()) AS lane
  )
  SELECT id FROM inserted WHERE (SELECT count(*) FROM told) >= 0`;

/** Guarantees: reads only. Index: jobs_idempotency_key_idx. A missing row means: the job has been pruned. */
const SELECT_BY_KEY = `
  SELECT id, idempotency_key AS key FROM millrace.jobs
  WHERE idempotency_key = ANY($1::text[]) AND idempotency_key IS NOT NULL`;

/** A job to insert under an id of the caller's choice. */
export interface IdentifiedInsert extends JobInsert {
  id: string;
}

/** Inserts jobs in one statement. Returns the ids that were inserted; the others' keys were taken. */
export async function insertJobs(db: Executor, jobs: readonly IdentifiedInsert[]): Promise<Set<string>> {
  const { rows } = await db.query(INSERT, [
    jobs.map((job) => job.id),
    jobs.map((job) => job.queue),
    jobs.map((job) => job.type),
    jobs.map((job) => job.payload),
    jobs.map((job) => job.priority),
    jobs.map((job) => job.runAt),
    jobs.map((job) => job.delayMs),
    jobs.map((job) => job.maxAttempts),
    jobs.map((job) => job.idempotencyKey),
    jobs.map((job) => job.scheduleId),
  ]);
  return new Set((rows as { id: string }[]).map((row) => row.id));
}

/** The ids of the jobs that have these idempotency keys. */
export async function findByKeys(db: Executor, keys: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query(SELECT_BY_KEY, [keys]);
  return new Map((rows as { id: string; key: string }[]).map((row) => [row.key, row.id]));
}
