import type { Executor } from "@millrace/base";
import { lockLimit } from "../job/lock-policy.sql.ts";
import type { InsertOptions } from "./insert-jobs.sql.ts";
import type { JobInsert } from "./new-job.ts";

/**
 * Guarantees: overwrites a job that is still queued and still has the key. Id, key and key scope stay; attempts and
 * crashes become 0, and older cancel requests are deleted. A claim sees either the whole old job or the whole new job.
 * Index: the primary keys of waiting_jobs, job_keys, job_payloads and cancel_requests.
 * No row: the job is no longer queued, or has lost its key.
 *
 * A job that waits for the end of another job (see `followJobs`) goes on waiting for it.
 *
 * The statement is a function of the database, because a producer may not change jobs by itself. If another call gave
 * the job a large payload during the statement, the locked row says so, but the statement cannot see the row of
 * job_payloads, and cannot delete it. Then a small payload, too, is stored in job_payloads: an INSERT sees that row.
 * Otherwise the row would stay for ever.
 */
const REPLACE = `
  SELECT written.id, written.waits
  FROM millrace.replace_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS written`;

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
  const { rows } = await db.query(REPLACE, [
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
    lockLimit(policy),
  ]);
  const written = rows as { id: string; waits: boolean }[];
  return {
    replaced: new Set(written.map(({ id }) => id)),
    waiting: written.filter(({ waits }) => waits).map(({ id }) => id),
  };
}
