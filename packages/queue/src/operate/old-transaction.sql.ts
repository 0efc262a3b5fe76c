import type { Executor } from "@millrace/base";
import { toDate, toInstant } from "../job/row-to-job.ts";
import type { OldTransactionReason, TransactionFigures } from "./job-explanation.ts";

/** A transaction that keeps PostgreSQL from removing dead rows, so that claims become slower. */
export interface OldTransaction extends TransactionFigures {
  user: string;
  /** For how long the transaction has been open, in ms. */
  ageMs: number;
  /** The first 200 characters of its last statement, which may have values; null if this user may not see it. */
  query: string | null;
}

/**
 * Guarantees: reads only.
 * Index: none; reads the sessions of the server.
 * No row: no transaction of this database is that old, or this user may not see it.
 *
 * Only a transaction that has written, or has a snapshot, keeps dead rows.
 */
const OLD = `
  SELECT a.pid, a.application_name, a.usename::text AS user_name, a.state, a.xact_start, a.query_start,
         nullif(left(a.query, 200), '<insufficient privilege>') AS query,
         (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS age_ms
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    AND a.xact_start <= clock_timestamp() - $1::float8 * interval '1 ms'
    AND coalesce(a.backend_xmin, a.backend_xid) IS NOT NULL
  ORDER BY greatest(age(a.backend_xmin), age(a.backend_xid)) DESC, a.xact_start
  LIMIT $2`;

/** A transaction as the statements return it. */
export interface TransactionRow {
  pid: number;
  application_name: string | null;
  state: string | null;
  xact_start: unknown;
  query_start: unknown;
  age_ms: number;
}

/** A row of the statement above: a `TransactionRow` with more columns. */
interface OldRow extends TransactionRow {
  user_name: string | null;
  query: string | null;
}

/** Returns the figures of a transaction. */
export function toFigures(row: TransactionRow): TransactionFigures {
  return {
    pid: row.pid,
    applicationName: row.application_name ?? "",
    state: row.state ?? "unknown",
    since: toInstant(row.xact_start),
    queryStart: toDate(row.query_start),
  };
}

/**
 * Returns the transactions that keep PostgreSQL from removing dead rows and are at least so many ms old: those that
 * keep most first.
 */
export async function findOldTransactions(
  db: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<OldTransaction[]> {
  const { rows } = await db.query(OLD, [olderThanMs, limit]);
  return (rows as OldRow[]).map((row) => ({
    ...toFigures(row),
    user: row.user_name ?? "",
    ageMs: row.age_ms,
    query: row.query,
  }));
}

/** Returns the transaction that has kept dead rows longest, if it is at least so many ms old. */
export async function findOldTransaction(
  db: Executor,
  olderThanMs: number,
): Promise<OldTransactionReason | null> {
  const [oldest] = await findOldTransactions(db, { olderThanMs, limit: 1 });
  if (oldest === undefined) return null;
  const { user: _user, query: _query, ...figures } = oldest;
  return { code: "old-transaction", ...figures };
}
