import type { Executor } from "@millrace/queue";

/** How long PostgreSQL waits for the next statement of such a transaction, in ms: a process needs some ms for it. */
const IDLE_MAX_MS = 10_000;

/** How long a statement may take, in ms, with what it waits for. */
const STATEMENT_MAX_MS = 20_000;

/**
 * How long PostgreSQL may take to answer before its connection is taken for dead, in ms: longer than a statement may
 * take, so that one that takes too long is told why.
 */
export const ANSWER_MAX_MS = 30_000;

/**
 * Guarantees: until the transaction ends, PostgreSQL itself ends it where its process was frozen or is cut off, so that
 * what it has locked is not hidden from others for ever; and a statement that takes or waits too long fails. Reads no
 * table. Always one row.
 */
const LIMIT = `
  SELECT set_config('idle_in_transaction_session_timeout', '${IDLE_MAX_MS}ms', true),
         set_config('statement_timeout', '${STATEMENT_MAX_MS}ms', true),
         set_config('lock_timeout', $1, true)`;

/** Bounds how long the transaction `db` can hold its locks without doing anything, and each of its statements. */
export async function limitTransaction(
  db: Executor,
  { lockMs = STATEMENT_MAX_MS }: { lockMs?: number } = {},
): Promise<void> {
  await db.query(LIMIT, [`${lockMs}ms`]);
}
