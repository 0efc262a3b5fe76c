import type { Executor } from "@millrace/base";
import { byPolicy, lockTimeout, WAIT_POLICIES } from "../job/lock-policy.sql.ts";
import { isActive, RUNNING } from "../wake/free-followers.sql.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import {
  existingSchedule,
  type IdentifiedInsert,
  type InsertOptions,
  LARGE_PAYLOAD_BYTES,
} from "./insert-jobs.sql.ts";

/**
 * Guarantees: inserts a job that takes the key of a job that is not queued. The new job waits for the end of the first
 * job, if the first job is running or queued: its run_at is `infinity`, and `settings` names the first job as `after`.
 * Otherwise the new job is due now. A job and its key are written together or not at all.
 * Index: job_keys_pkey, and the primary keys of waiting_jobs and job_payloads. Reads the ids of all claims.
 * No row: the key's job is queued, or has lost the key.
 *
 * No claim is locked, so the first job may end during the statement, or before the commit. Then the statement that ends
 * the first job cannot see the follower: `freeFollowers` frees it.
 */
const FOLLOW = byPolicy(WAIT_POLICIES, (policy) => {
  const { cte, join } = lockTimeout(policy);
  return `
  WITH ${cte}given AS MATERIALIZED (
    SELECT given.*
    FROM ${join}unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                $8::smallint[], $9::int[], $10::uuid[], $12::jsonb[])
      AS given(id, key, holder, first, queue, type, payload, priority, max_attempts, schedule_id, settings)
  ), ${RUNNING}, target AS MATERIALIZED (
    SELECT given.*, ${isActive("given.first")} AS waits
    FROM given, LATERAL (
      SELECT FROM millrace.job_keys k WHERE k.key = given.key AND k.job_id = given.holder LIMIT 1 FOR UPDATE
    ) AS key
    WHERE NOT EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = given.holder)
  ), moved AS (
    UPDATE millrace.job_keys k SET job_id = target.id, scope = 'active', until = NULL
    FROM target WHERE k.key = target.key
  ), large AS (
    INSERT INTO millrace.job_payloads (job_id, payload, bytes)
    SELECT id, payload::jsonb, octet_length(payload) FROM target WHERE octet_length(payload) > ${LARGE_PAYLOAD_BYTES}
  ), inserted AS (
    INSERT INTO millrace.waiting_jobs
      (id, queue, type, payload, priority, run_at, max_attempts, idempotency_key, schedule_id, settings)
    SELECT id, queue, type, CASE WHEN octet_length(payload) <= ${LARGE_PAYLOAD_BYTES} THEN payload::jsonb END, priority,
           CASE WHEN waits THEN 'infinity' ELSE now() END, max_attempts, key, ${existingSchedule("schedule_id")},
           CASE WHEN waits THEN coalesce(settings, '{}') || jsonb_build_object('after', first::text) ELSE settings END
    FROM target
    RETURNING id, queue, priority, run_at
  ), ${notifySleepers("inserted", "$11")}
  SELECT id, run_at = 'infinity' AS waits FROM inserted WHERE ${NOTIFIED}`;
});

/** A job that takes a key from another job. */
export interface Follower extends IdentifiedInsert {
  /** The job that has the key. */
  holderId: string;
  /** The job whose end the new job waits for: the job with the key; or, of a canceled follower, its first job. */
  firstId: string;
}

/** A job that `followJobs` inserted. */
export interface Followed {
  id: string;
  /** Whether the job waits for the end of another job. */
  waits: boolean;
}

/** Inserts jobs that take the keys of running jobs, and wait for their ends. No key may be given twice. */
export async function followJobs(
  db: Executor,
  jobs: readonly Follower[],
  { commitsAtOnce, policy = "wait" }: InsertOptions,
): Promise<Followed[]> {
  const { rows } = await db.query(FOLLOW[policy], [
    jobs.map((job) => job.id),
    jobs.map((job) => job.idempotencyKey),
    jobs.map((job) => job.holderId),
    jobs.map((job) => job.firstId),
    jobs.map((job) => job.queue),
    jobs.map((job) => job.type),
    jobs.map((job) => job.payload),
    jobs.map((job) => job.priority),
    jobs.map((job) => job.maxAttempts),
    jobs.map((job) => job.scheduleId),
    !commitsAtOnce,
    jobs.map((job) => job.settings),
  ]);
  return rows as Followed[];
}
