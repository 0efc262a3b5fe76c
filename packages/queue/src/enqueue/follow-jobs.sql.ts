import type { Executor } from "@millrace/base";
import { lockLimit } from "../job/lock-policy.sql.ts";
import type { IdentifiedInsert, InsertOptions } from "./insert-jobs.sql.ts";

/**
 * Guarantees: inserts a job that takes the key of a job that is not queued. The new job waits for the end of the first
 * job, if the first job is running or queued: its run_at is `infinity`, and `settings` names the first job as `after`.
 * Otherwise the new job is due now. A job and its key are written together or not at all.
 * Index: job_keys_pkey, and the primary keys of waiting_jobs and job_payloads. Reads the ids of all claims.
 * No row: the key's job is queued, or has lost the key.
 *
 * The statement is a function of the database, because a producer may not change keys by itself. No claim is locked, so
 * the first job may end during the statement, or before the commit. Then the statement that ends the first job cannot
 * see the follower: `freeFollowers` frees it.
 */
const FOLLOW = `
  SELECT written.id, written.waits
  FROM millrace.follow_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS written`;

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
  const { rows } = await db.query(FOLLOW, [
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
    lockLimit(policy),
  ]);
  return rows as Followed[];
}
