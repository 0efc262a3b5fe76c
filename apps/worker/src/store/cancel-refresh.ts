import type { Pool } from "pg";
import type { RefreshTransaction } from "./begin-refresh.ts";

/**
 * Cancels the statement of a refresh. The statement then ends with SQLSTATE 57014.
 *
 * Guarantees: cancels a statement of this transaction alone: another transaction of the same server process has another
 * begin.
 * Index: none; reads one server process.
 * No row: the transaction has ended.
 */
export async function cancelRefresh(pool: Pool, { pid, began }: RefreshTransaction): Promise<void> {
  await pool.query(
    `SELECT pg_cancel_backend(a.pid) FROM pg_catalog.pg_stat_activity a
     WHERE a.pid = $1 AND extract(epoch FROM a.xact_start)::text = $2 AND a.state = 'active'`,
    [pid, began],
  );
}
