import type { Executor } from "@millrace/base";

/** How many of the newest rows to look at. Rows of other transactions may be newer, but few within so short a time. */
const ROWS = 1_000;

/**
 * Guarantees: reads only. Finds the command whose row of the audit log was written by this transaction.
 * Index: the primary key of audit_log, backward.
 * No row: this transaction has recorded nothing.
 */
const COMMAND = `
  SELECT last.command_id AS id
  FROM (SELECT entry.command_id, entry.xmin FROM millrace.audit_log entry ORDER BY entry.id DESC LIMIT ${ROWS}) AS last
  WHERE last.xmin = pg_current_xact_id()::xid LIMIT 1`;

/** Returns the id of the command that a transaction has recorded; null if there is none. */
export async function commandOfTransaction(tx: Executor): Promise<string | null> {
  const { rows } = await tx.query(COMMAND);
  return (rows as { id: string }[])[0]?.id ?? null;
}
