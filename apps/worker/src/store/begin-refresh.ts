import type { Executor } from "@millrace/base";

/** A transaction of this worker: its server process, and its begin as seconds since 1970, as text. */
export interface RefreshTransaction {
  pid: number;
  began: string;
}

/**
 * Begins the transaction of a refresh. A statement in it ends with SQLSTATE 57014 after `timeoutMs`, and with 55P03
 * after it has waited `lockMs` for a lock.
 *
 * Guarantees: the limits hold until the transaction ends, also when this worker has died.
 * Index: none.
 * No row: never.
 */
export async function beginRefresh(
  db: Executor,
  { timeoutMs, lockMs }: { timeoutMs: number; lockMs: number },
): Promise<RefreshTransaction> {
  await db.query("BEGIN");
  const { rows } = await db.query(
    `SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),
            pg_backend_pid() AS "pid", extract(epoch FROM now())::text AS "began"`,
    [`${timeoutMs}ms`, `${lockMs}ms`],
  );
  const [row] = rows as RefreshTransaction[];
  if (row === undefined) throw new TypeError("PostgreSQL did not answer a SELECT without FROM.");
  return { pid: row.pid, began: row.began };
}
