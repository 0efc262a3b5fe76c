import type { Executor } from "@millrace/base";

/** Guarantees: reads a setting, no table; locks nothing. Index: none. No row: never. */
const ISOLATION = "SELECT current_setting('transaction_isolation') AS isolation";

/** PostgreSQL treats the first as the second. */
const SEES_EACH_COMMIT: ReadonlySet<string> = new Set(["read uncommitted", "read committed"]);

/**
 * The isolation level of a transaction that keeps the snapshot it began with; null if each statement has its own
 * snapshot.
 */
export async function strictIsolation(tx: Executor): Promise<string | null> {
  const { rows } = await tx.query(ISOLATION);
  const { isolation } = (rows as { isolation: string }[])[0] ?? { isolation: "read committed" };
  return SEES_EACH_COMMIT.has(isolation) ? null : isolation;
}
