import type { Executor } from "@millrace/base";

/**
 * Guarantees: a queued or ended job stays as it is until the end of the transaction, and only this transaction changes
 * it. Waits for whoever has locked the job.
 * Index: the primary keys of waiting_jobs and ended_jobs.
 * No row: no job has this id, or the job is running.
 */
const LOCK = `
  WITH waiting AS MATERIALIZED (
    SELECT j.run_at > now() AS "isLater" FROM millrace.waiting_jobs j WHERE j.id = $1 FOR UPDATE
  ), ended AS MATERIALIZED (
    SELECT false AS "isLater" FROM millrace.ended_jobs j WHERE j.id = $1 FOR UPDATE
  )
  SELECT "isLater" FROM waiting UNION ALL SELECT "isLater" FROM ended`;

/** Locks a job that is queued or has ended. Returns whether the job is due later; null if there is no such job. */
export async function lockJob(db: Executor, id: string): Promise<{ isLater: boolean } | null> {
  const { rows } = await db.query(LOCK, [id]);
  return (rows as { isLater: boolean }[])[0] ?? null;
}
