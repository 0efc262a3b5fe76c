import type { Executor } from "@millrace/queue";

/**
 * How long PostgreSQL waits for the next statement of a limited transaction, in ms. A healthy process needs some ms.
 */
const IDLE_MAX_MS = 10_000;

/** How long a statement may take, in ms, including its waits. */
const STATEMENT_MAX_MS = 20_000;

/**
 * How long PostgreSQL may take to answer before the connection counts as dead, in ms.
 * The limit is longer than a statement may take, so that PostgreSQL itself reports a statement that takes too long.
 */
export const ANSWER_MAX_MS = 30_000;

/**
 * Guarantees: PostgreSQL ends the transaction when its process is frozen or cut off, so that its locks do not hide rows
 * from other transactions for ever. A statement that takes or waits too long fails. The limits end with the
 * transaction.
 * Index: none; reads no table.
 * No row: never; one row in every case.
 */
const LIMIT = `
  SELECT set_config('idle_in_transaction_session_timeout', '${IDLE_MAX_MS}ms', true),
         set_config('statement_timeout', '${STATEMENT_MAX_MS}ms', true),
         set_config('lock_timeout', $1, true)`;

/**
 * Limits the transaction `db`: its time without a statement to 10 s, each statement to 20 s, and each wait for a lock
 * to `lockMs` (in ms; without `lockMs`, as long as a statement).
 */
export async function limitTransaction(
  db: Executor,
  { lockMs = STATEMENT_MAX_MS }: { lockMs?: number } = {},
): Promise<void> {
  await db.query(LIMIT, [`${lockMs}ms`]);
}
