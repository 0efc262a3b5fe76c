import type { Executor } from "@millrace/base";
import { byPolicy, lockTimeout, WAIT_POLICIES } from "../job/lock-policy.sql.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import {
  existingSchedule,
  type InsertOptions,
  insertedSettings,
  LARGE_PAYLOAD_BYTES,
} from "./insert-jobs.sql.ts";
import type { JobInsert } from "./new-job.ts";

const RUN_AT = "coalesce(target.run_at, now() + target.delay_ms * interval '1 ms')";

/**
 * Guarantees: overwrites a job that is still queued and still has the key. Id, key and key scope stay; attempts and
 * crashes become 0. A claim sees either the whole old job or the whole new job.
 * Index: the primary keys of waiting_jobs, job_keys and job_payloads.
 * No row: the job is no longer queued, or has lost its key.
 */
const REPLACE = byPolicy(WAIT_POLICIES, (policy) => {
  const { cte, join } = lockTimeout(policy);
  return `
  WITH ${cte}target AS MATERIALIZED (
    SELECT given.*
    FROM ${join}unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::timestamptz[],
                $8::float8[], $9::int[], $10::uuid[], $12::jsonb[])
      AS given(id, key, queue, type, payload, priority, run_at, delay_ms, max_attempts, schedule_id, settings),
      LATERAL (
      SELECT FROM millrace.waiting_jobs j
      WHERE j.id = given.id AND EXISTS (SELECT FROM millrace.job_keys k WHERE k.key = given.key AND k.job_id = given.id)
      LIMIT 1
      FOR UPDATE
    ) AS job
  ), small AS (
    DELETE FROM millrace.job_payloads p USING target
    WHERE p.job_id = target.id AND octet_length(target.payload) <= ${LARGE_PAYLOAD_BYTES}
  ), large AS (
    INSERT INTO millrace.job_payloads AS p (job_id, payload, bytes)
    SELECT id, payload::jsonb, octet_length(payload) FROM target WHERE octet_length(payload) > ${LARGE_PAYLOAD_BYTES}
    ON CONFLICT (job_id) DO UPDATE SET payload = excluded.payload, bytes = excluded.bytes
  ), replaced AS (
    UPDATE millrace.waiting_jobs j
    SET queue = target.queue, type = target.type, priority = target.priority,
        payload = CASE WHEN octet_length(target.payload) <= ${LARGE_PAYLOAD_BYTES} THEN target.payload::jsonb END,
        run_at = ${RUN_AT}, max_attempts = target.max_attempts,
        schedule_id = ${existingSchedule("target.schedule_id")}, attempts = 0, crashes = 0, updated_at = now(),
        settings = ${insertedSettings("target.settings", RUN_AT)}
    FROM target WHERE j.id = target.id
    RETURNING j.id, j.queue, j.priority, j.run_at
  ), ${notifySleepers("replaced", "$11")}
  SELECT id FROM replaced WHERE ${NOTIFIED}`;
});

/** A new job, and the queued job that it replaces. */
export interface Replacement extends JobInsert {
  /** The id of the job that is replaced. */
  holderId: string;
}

/** Replaces queued jobs in place. Returns the ids of the replaced jobs. No job may be given twice. */
export async function replaceJobs(
  db: Executor,
  replacements: readonly Replacement[],
  { commitsAtOnce, policy = "wait" }: InsertOptions,
): Promise<Set<string>> {
  const jobs = [...replacements].sort((a, b) => (a.holderId < b.holderId ? -1 : 1));
  const { rows } = await db.query(REPLACE[policy], [
    jobs.map((job) => job.holderId),
    jobs.map((job) => job.idempotencyKey),
    jobs.map((job) => job.queue),
    jobs.map((job) => job.type),
    jobs.map((job) => job.payload),
    jobs.map((job) => job.priority),
    jobs.map((job) => job.runAt),
    jobs.map((job) => job.delayMs ?? 0),
    jobs.map((job) => job.maxAttempts),
    jobs.map((job) => job.scheduleId),
    !commitsAtOnce,
    jobs.map((job) => job.settings),
  ]);
  return new Set((rows as { id: string }[]).map((row) => row.id));
}
