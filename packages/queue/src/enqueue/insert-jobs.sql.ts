import { type Executor, queryPrepared } from "@millrace/base";
import { byPolicy, lockTimeout, WAIT_POLICIES, type WaitPolicy } from "../job/lock-policy.sql.ts";
import { LISTEN_CHANNEL } from "../wake/notice.ts";
import { NOTIFIED, notifySleepers, SOMEONE_SLEEPS } from "../wake/notify-sleepers.sql.ts";
import type { JobInsert } from "./new-job.ts";

/**
 * Guarantees: one row per job; no job has an idempotency key. Values that all jobs share are sent once. Ids and
 * payloads are sent as lines, which JSON text never breaks: half the cost of one array for each column. The answer has
 * one row and no count: without a key every row is inserted.
 */
const INSERT_ALIKE = `
  WITH inserted AS (
    INSERT INTO millrace.jobs (id, queue, type, payload, priority, run_at, max_attempts, schedule_id)
    SELECT given.id::uuid, $3, $4, given.payload::jsonb, $5,
           coalesce($6::timestamptz, now() + $7::float8 * interval '1 ms'), $8, $9
    FROM unnest(string_to_array($1, E'\\n'), string_to_array($2, E'\\n')) AS given(id, payload)
  )
  SELECT CASE WHEN coalesce($6::timestamptz <= now(), $7::float8 <= 0) AND ($10 OR ${SOMEONE_SLEEPS})
              THEN pg_notify('${LISTEN_CHANNEL}', $5::smallint || ':' || $3::text) END`;

/**
 * Guarantees: one row per job, except for jobs whose idempotency key is taken, by an older row or by an earlier job of
 * the same call. Index: jobs_idempotency_key_idx decides. A missing row means: the key was taken.
 */
const INSERT_MIXED = byPolicy(WAIT_POLICIES, (policy) => {
  const { cte, join } = lockTimeout(policy);
  return `
  WITH ${cte}inserted AS (
    INSERT INTO millrace.jobs
      (id, queue, type, payload, priority, run_at, max_attempts, idempotency_key, schedule_id, key_scope, key_until)
    SELECT given.id, given.queue, given.type, given.payload, given.priority,
           coalesce(given.run_at, now() + given.delay_ms * interval '1 ms'),
           given.max_attempts, given.idempotency_key, given.schedule_id, given.key_scope,
           now() + given.key_period_ms * interval '1 ms'
    FROM ${join}unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::smallint[], $6::timestamptz[],
                $7::float8[], $8::int[], $9::text[], $10::uuid[], $12::text[], $13::float8[])
      AS given(id, queue, type, payload, priority, run_at, delay_ms, max_attempts, idempotency_key, schedule_id,
               key_scope, key_period_ms)
    ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id, queue, priority, run_at
  ), ${notifySleepers("inserted", "$11")}
  SELECT id FROM inserted WHERE ${NOTIFIED}`;
});

/** A job to insert under an id of the caller's choice. */
export interface IdentifiedInsert extends JobInsert {
  id: string;
}

/** Whose transaction carries an insert, and what the insert does about locks in its way. */
export interface InsertOptions {
  /**
   * Whether the insert commits with its statement. If the insert commits later, it always notifies: nobody knows now
   * who will sleep at the commit.
   */
  commitsAtOnce: boolean;
  /** Default `wait`. `wait briefly` is for statements that commit at once. */
  policy?: WaitPolicy;
}

/** Inserts jobs in one statement. Returns the ids of the inserted jobs; the keys of the other jobs were taken. */
export async function insertJobs(
  db: Executor,
  jobs: readonly IdentifiedInsert[],
  { commitsAtOnce, policy = "wait" }: InsertOptions,
): Promise<Set<string>> {
  const [first] = jobs;
  if (first !== undefined && policy === "wait" && jobs.every((job) => isAlike(job, first))) {
    await queryPrepared(db, "millrace_insert_alike_1", [
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
  ]);
  return new Set((rows as { id: string }[]).map((row) => row.id));
}

/** Whether two jobs differ in nothing but their id and payload, and have no key that could be taken. */
function isAlike(job: JobInsert, first: JobInsert): boolean {
  return (
    job.idempotencyKey === null &&
    job.type === first.type &&
    job.queue === first.queue &&
    job.priority === first.priority &&
    job.runAt === first.runAt &&
    job.delayMs === first.delayMs &&
    job.maxAttempts === first.maxAttempts &&
    job.scheduleId === first.scheduleId
  );
}
