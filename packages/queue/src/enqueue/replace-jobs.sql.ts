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

/** When the new job is due. A job that waits for the end of another job goes on waiting. */
const RUN_AT = `CASE WHEN (j.settings ->> 'after') IS NOT NULL THEN j.run_at
             ELSE coalesce(target.run_at, least(now() + target.delay_ms * interval '1 ms',
               CASE WHEN target.max_wait_ms IS NOT NULL
                    THEN greatest(now(), j.created_at + target.max_wait_ms * interval '1 ms') END)) END`;

const SETTINGS = `CASE WHEN (j.settings ->> 'after') IS NOT NULL
             THEN coalesce(target.settings, '{}') || jsonb_build_object('after', j.settings -> 'after')
             ELSE ${insertedSettings("target.settings", RUN_AT)} END`;

/**
 * Guarantees: overwrites a job that is still queued and still has the key. Id, key and key scope stay; attempts and
 * crashes become 0, and older cancel requests are deleted. A claim sees either the whole old job or the whole new job.
 * Index: the primary keys of waiting_jobs, job_keys, job_payloads and cancel_requests.
 * No row: the job is no longer queued, or has lost its key.
 *
 * A job that waits for the end of another job (see `followJobs`) goes on waiting for it.
 *
 * If another call gave the job a large payload during the statement, the locked row says so, but the statement cannot
 * see the row of job_payloads, and cannot delete it. Then a small payload, too, is stored in job_payloads: an INSERT
 * sees that row. Otherwise the row would stay for ever.
 */
const REPLACE = byPolicy(WAIT_POLICIES, (policy) => {
  const { cte, join } = lockTimeout(policy);
  return `
  WITH ${cte}target AS MATERIALIZED (
    SELECT given.*, job.is_large
    FROM ${join}unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::timestamptz[],
                $8::float8[], $9::int[], $10::uuid[], $12::jsonb[], $13::float8[])
      AS given(id, key, queue, type, payload, priority, run_at, delay_ms, max_attempts, schedule_id, settings,
               max_wait_ms),
      LATERAL (
      SELECT j.payload IS NULL AS is_large FROM millrace.waiting_jobs j
      WHERE j.id = given.id AND j.idempotency_key = given.key
        AND EXISTS (SELECT FROM millrace.job_keys k WHERE k.key = given.key AND k.job_id = given.id)
      LIMIT 1
      FOR UPDATE
    ) AS job
  ), small AS (
    DELETE FROM millrace.job_payloads p USING target
    WHERE p.job_id = target.id AND octet_length(target.payload) <= ${LARGE_PAYLOAD_BYTES}
    RETURNING p.job_id
  ), apart AS MATERIALIZED (
    SELECT target.* FROM target
    WHERE octet_length(target.payload) > ${LARGE_PAYLOAD_BYTES}
      OR (target.is_large AND target.id NOT IN (SELECT job_id FROM small))
  ), large AS (
    INSERT INTO millrace.job_payloads AS p (job_id, payload, bytes)
    SELECT id, payload::jsonb, octet_length(payload) FROM apart
    ON CONFLICT (job_id) DO UPDATE SET payload = excluded.payload, bytes = excluded.bytes
  ), forgotten AS (
    DELETE FROM millrace.cancel_requests AS asked USING target WHERE asked.job_id = target.id
  ), replaced AS (
    UPDATE millrace.waiting_jobs j
    SET queue = target.queue, type = target.type, priority = target.priority,
        payload = CASE WHEN target.id NOT IN (SELECT id FROM apart) THEN target.payload::jsonb END,
        run_at = ${RUN_AT}, max_attempts = target.max_attempts,
        schedule_id = ${existingSchedule("target.schedule_id")}, attempts = 0, crashes = 0, updated_at = now(),
        settings = ${SETTINGS}
    FROM target WHERE j.id = target.id
    RETURNING j.id, j.queue, j.priority, j.run_at, (j.settings ->> 'after') IS NOT NULL AS waits
  ), ${notifySleepers("replaced", "$11")}
  SELECT id, waits FROM replaced WHERE ${NOTIFIED}`;
});

/** A new job, and the queued job that it replaces. */
export interface Replacement extends JobInsert {
  /** The id of the job that is replaced. */
  holderId: string;
}

/** The ids of replaced jobs, and of those among them that wait for the end of another job. */
export interface Replaced {
  replaced: Set<string>;
  waiting: string[];
}

/** Replaces queued jobs in place. No job may be given twice. */
export async function replaceJobs(
  db: Executor,
  replacements: readonly Replacement[],
  { commitsAtOnce, policy = "wait" }: InsertOptions,
): Promise<Replaced> {
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
    jobs.map((job) => job.maxWaitMs),
  ]);
  const written = rows as { id: string; waits: boolean }[];
  return {
    replaced: new Set(written.map(({ id }) => id)),
    waiting: written.filter(({ waits }) => waits).map(({ id }) => id),
  };
}
