import { type Executor, queryPrepared } from "@millrace/base";
import { byPolicy, lockTimeout, WAIT_POLICIES, type WaitPolicy } from "../job/lock-policy.sql.ts";
import { LISTEN_CHANNEL } from "../wake/notice.ts";
import { NOTIFIED, notifySleepers, SOMEONE_SLEEPS } from "../wake/notify-sleepers.sql.ts";
import type { JobInsert } from "./new-job.ts";

/** A larger payload, in bytes of JSON text, is stored in `job_payloads`, so that the job's moves do not copy it. */
export const LARGE_PAYLOAD_BYTES = 2_000;

/**
 * An SQL expression that returns a schedule's id. Fails with `foreign_key_violation` if the schedule does not exist.
 */
export const existingSchedule = (id: string) =>
  `CASE WHEN ${id} IS NOT NULL THEN millrace.existing_schedule(${id}) END`;

/**
 * The settings of a job to insert, given as jsonb. `startWithinMs` counts from when the job is due, by the database's
 * clock.
 */
export const insertedSettings = (settings: string, runAt: string) => `CASE WHEN ${settings} ? 'startWithinMs'
                THEN (${settings} - 'startWithinMs') || jsonb_build_object('startBy',
                       (extract(epoch FROM ${runAt}) * 1000)::bigint + (${settings} ->> 'startWithinMs')::bigint)
                ELSE ${settings} END`;

/**
 * Guarantees: inserts every job. For jobs that differ only in id and payload, without keys and large payloads.
 * Index: none is read.
 * No row: never.
 *
 * Ids and payloads are each sent as one text with a line for each job, because JSON.stringify writes no line break.
 * Measured: half the cost of one array for each column.
 */
const INSERT_ALIKE = `
  WITH inserted AS (
    INSERT INTO millrace.waiting_jobs (id, queue, type, payload, priority, run_at, max_attempts, schedule_id, settings)
    SELECT given.id::uuid, $3, $4, given.payload::jsonb, $5,
           coalesce($6::timestamptz, now() + $7::float8 * interval '1 ms'), $8,
           (SELECT ${existingSchedule("$9::uuid")}), $11::jsonb
    FROM unnest(string_to_array($1, E'\\n'), string_to_array($2, E'\\n')) AS given(id, payload)
  )
  SELECT CASE WHEN coalesce($6::timestamptz <= now(), $7::float8 <= 0) AND ($10 OR ${SOMEONE_SLEEPS})
              THEN pg_notify('${LISTEN_CHANNEL}', $5::smallint || ':' || $3::text) END`;

/**
 * Guarantees: inserts every job whose idempotency key is free. A key is taken by an older job, or by an earlier job of
 * the same call. A job and its key are written together or not at all.
 * Index: job_keys_pkey.
 * No row: the job's key was taken.
 */
const INSERT_MIXED = byPolicy(WAIT_POLICIES, (policy) => {
  const { cte, join } = lockTimeout(policy);
  return `
  WITH ${cte}given AS MATERIALIZED (
    SELECT given.*
    FROM ${join}unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::timestamptz[],
                $7::float8[], $8::int[], $9::text[], $10::uuid[], $12::text[], $13::float8[],
                $14::jsonb[])
      AS given(id, queue, type, payload, priority, run_at, delay_ms, max_attempts, idempotency_key, schedule_id,
               key_scope, key_period_ms, settings)
  ), taken AS (
    INSERT INTO millrace.job_keys (key, job_id, scope, until)
    SELECT idempotency_key, id, key_scope, now() + key_period_ms * interval '1 ms'
    FROM given WHERE idempotency_key IS NOT NULL
    ON CONFLICT (key) DO NOTHING
    RETURNING job_id
  ), free AS MATERIALIZED (
    SELECT * FROM given WHERE idempotency_key IS NULL OR id IN (SELECT job_id FROM taken)
  ), large AS (
    INSERT INTO millrace.job_payloads (job_id, payload, bytes)
    SELECT id, payload::jsonb, octet_length(payload) FROM free WHERE octet_length(payload) > ${LARGE_PAYLOAD_BYTES}
  ), inserted AS (
    INSERT INTO millrace.waiting_jobs
      (id, queue, type, payload, priority, run_at, max_attempts, idempotency_key, schedule_id, settings)
    SELECT id, queue, type, CASE WHEN octet_length(payload) <= ${LARGE_PAYLOAD_BYTES} THEN payload::jsonb END, priority,
           coalesce(run_at, now() + delay_ms * interval '1 ms'), max_attempts, idempotency_key,
           ${existingSchedule("schedule_id")},
           ${insertedSettings("settings", "coalesce(run_at, now() + delay_ms * interval '1 ms')")}
    FROM free
    RETURNING id, queue, priority, run_at
  ), ${notifySleepers("inserted", "$11")}
  SELECT id FROM inserted WHERE ${NOTIFIED}`;
});

/** A job to insert, with the id that the job will have. */
export interface IdentifiedInsert extends JobInsert {
  id: string;
}

/** How an insert commits, and how long the insert waits for locks. */
export interface InsertOptions {
  /**
   * Whether the insert commits with its statement. An insert that commits later always notifies, because a worker may
   * fall asleep before the commit.
   */
  commitsAtOnce: boolean;
  /** Default `wait`. `wait briefly` is for statements that commit at once. */
  policy?: WaitPolicy;
}

/** Inserts jobs in one statement. Returns the ids of the inserted jobs. The keys of all other jobs were taken. */
export async function insertJobs(
  db: Executor,
  jobs: readonly IdentifiedInsert[],
  { commitsAtOnce, policy = "wait" }: InsertOptions,
): Promise<Set<string>> {
  const [first] = jobs;
  if (first !== undefined && policy === "wait" && jobs.every((job) => isAlike(job, first))) {
    await queryPrepared(db, "millrace_insert_alike_2", [
      INSERT_ALIKE,
      [
        jobs.map((job) => job.id).join("\n"),
        jobs.map((job) => job.payload).join("\n"),
        first.queue,
        first.type,
        first.priority,
        first.runAt,
        first.delayMs ?? 0,
        first.maxAttempts,
        first.scheduleId,
        !commitsAtOnce,
        first.settings,
      ],
    ]);
    return new Set(jobs.map((job) => job.id));
  }
  const { rows } = await db.query(INSERT_MIXED[policy], [
    jobs.map((job) => job.id),
    jobs.map((job) => job.queue),
    jobs.map((job) => job.type),
    jobs.map((job) => job.payload),
    jobs.map((job) => job.priority),
    jobs.map((job) => job.runAt),
    jobs.map((job) => job.delayMs ?? 0),
    jobs.map((job) => job.maxAttempts),
    jobs.map((job) => job.idempotencyKey),
    jobs.map((job) => job.scheduleId),
    !commitsAtOnce,
    jobs.map((job) => job.keyScope),
    jobs.map((job) => job.keyPeriodMs),
    jobs.map((job) => job.settings),
  ]);
  return new Set((rows as { id: string }[]).map((row) => row.id));
}

/** Whether two jobs differ only in id and payload, and `job` has neither an idempotency key nor a large payload. */
function isAlike(job: JobInsert, first: JobInsert): boolean {
  return (
    job.idempotencyKey === null &&
    Buffer.byteLength(job.payload) <= LARGE_PAYLOAD_BYTES &&
    job.type === first.type &&
    job.queue === first.queue &&
    job.priority === first.priority &&
    job.runAt === first.runAt &&
    job.delayMs === first.delayMs &&
    job.maxAttempts === first.maxAttempts &&
    job.scheduleId === first.scheduleId &&
    job.settings === first.settings &&
    !job.settings?.includes('"startWithinMs"')
  );
}
