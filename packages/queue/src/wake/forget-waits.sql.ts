import type { Executor } from "@millrace/base";

/**
 * Guarantees: deletes up to 1,000 rows of waits that are over. Locked rows stay.
 * Index: none. The table has one row for each job that somebody waits for.
 * No row: always. The statement returns no rows.
 */
const FORGET = `
  WITH over AS MATERIALIZED (
    SELECT w.job_id FROM millrace.job_waits w WHERE w.until < now() LIMIT 1000 FOR UPDATE SKIP LOCKED
  )
  DELETE FROM millrace.job_waits w USING over WHERE w.job_id = over.job_id`;

/** Deletes the rows of waits that ended without the end of their job. */
export async function forgetWaits(db: Executor): Promise<void> {
  await db.query(FORGET);
}
