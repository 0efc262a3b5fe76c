import type { Executor } from "@millrace/base";

/**
 * Guarantees: gives the transaction an id, and writes nothing.
 * Index: none.
 * No row: never.
 */
const TRANSACTION_ID = "SELECT pg_current_xact_id()::text AS id";

/**
 * Guarantees: reads what became of a transaction, and no table.
 * Index: none.
 * No row: never.
 */
const TRANSACTION_END = "SELECT pg_xact_status($1::xid8) AS status";

/** The id of the transaction in which a statement on `tx` runs. */
export async function transactionId(tx: Executor): Promise<string> {
  const { rows } = await tx.query(TRANSACTION_ID);
  return (rows as { id: string }[])[0]?.id ?? "";
}

/** What became of a transaction. `null`: so long ago that PostgreSQL does not know. */
export async function transactionEnd(
  db: Executor,
  id: string,
): Promise<"committed" | "aborted" | "in progress" | null> {
  const { rows } = await db.query(TRANSACTION_END, [id]);
  return (rows as { status: "committed" | "aborted" | "in progress" | null }[])[0]?.status ?? null;
}
