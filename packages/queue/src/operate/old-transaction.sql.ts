import type { Executor } from "@millrace/base";
import { toDate, toInstant } from "../job/row-to-job.ts";
import type { OldTransactionReason, TransactionFigures } from "./job-explanation.ts";

/**
 * Guarantees: reads only.
 * Index: none; reads the sessions of the server.
 * No row: no transaction of this database is that old, or this user may not see it.
 *
 * Only a transaction that wrote, or has a snapshot, keeps PostgreSQL from cleaning up.
 */
const OLDEST = `
  SELECT a.pid, a.application_name, a.state, a.xact_start, a.query_start,
         (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS age_ms
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    AND a.xact_start <= clock_timestamp() - $1::float8 * interval '1 ms'
    AND coalesce(a.backend_xmin, a.backend_xid) IS NOT NULL
  ORDER BY greatest(age(a.backend_xmin), age(a.backend_xid)) DESC, a.xact_start
  LIMIT 1`;

/** A transaction as the statements return it. */
export interface TransactionRow {
  pid: number;
  application_name: string | null;
  state: string | null;
  xact_start: unknown;
  query_start: unknown;
  age_ms: number;
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

/** Returns the transaction that holds back longest what PostgreSQL may clean up, if it is at least so many ms old. */
export async function findOldTransaction(
  db: Executor,
  olderThanMs: number,
): Promise<OldTransactionReason | null> {
  const { rows } = await db.query(OLDEST, [olderThanMs]);
  const [row] = rows as TransactionRow[];
  return row === undefined ? null : { code: "old-transaction", ageMs: row.age_ms, ...toFigures(row) };
}
