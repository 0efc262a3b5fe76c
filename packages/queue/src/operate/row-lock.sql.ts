import type { Executor } from "@millrace/base";
import type { TransactionFigures } from "./job-explanation.ts";
import { type TransactionRow, toFigures } from "./old-transaction.sql.ts";

/**
 * Guarantees: changes nothing. Locks the row until the statement has ended, and waits for nobody. The commit does not
 * wait for the disk, so the lock is short: a claim at that moment passes the job over, as it does with any lock.
 * Index: the primary key of waiting_jobs.
 * No row: another transaction has locked the job, or the job is not queued.
 */
const TRY_LOCK = `
  WITH unsynced AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
  SELECT j.id FROM unsynced, LATERAL (
    SELECT w.id FROM millrace.waiting_jobs w WHERE w.id = $1 FOR UPDATE SKIP LOCKED
  ) AS j`;

/**
 * Guarantees: reads only.
 * Index: the primary key of waiting_jobs; reads all of PostgreSQL's locks, and the sessions that hold them.
 * No row: the row is not locked, several transactions have locked it, or this user may not see the session.
 *
 * A row's xmax is the transaction that locked it, and each transaction holds a lock on itself.
 */
const HOLDER = `
  SELECT a.pid, a.application_name, a.state, a.xact_start, a.query_start, 0::float8 AS age_ms
  FROM millrace.waiting_jobs j
  JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted AND l.transactionid = j.xmax
  JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE j.id = $1 AND a.xact_start IS NOT NULL`;

/** Whether another transaction has locked a queued job. Also true if the job is not queued any more. */
export async function isRowLocked(db: Executor, id: string): Promise<boolean> {
  const { rows } = await db.query(TRY_LOCK, [id]);
  return rows.length === 0;
}

/** Returns the transaction that has locked a queued job; null if PostgreSQL does not say which one it is. */
export async function findRowLocker(db: Executor, id: string): Promise<TransactionFigures | null> {
  const { rows } = await db.query(HOLDER, [id]);
  const [row] = rows as TransactionRow[];
  return row === undefined ? null : toFigures(row);
}
