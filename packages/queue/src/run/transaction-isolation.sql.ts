import type { Executor } from "@millrace/base";

/**
 * Guarantees: reads a setting, and no table. Locks nothing.
 * Index: none.
 * No row: never.
 */
const ISOLATION = "SELECT current_setting('transaction_isolation') AS isolation";

/** Levels at which each statement has its own snapshot. PostgreSQL treats `read uncommitted` as `read committed`. */
const SEES_EACH_COMMIT: ReadonlySet<string> = new Set(["read uncommitted", "read committed"]);

/**
 * The transaction's isolation level, if it keeps the snapshot with which it began; null if each statement has its own.
 */
export async function strictIsolation(tx: Executor): Promise<string | null> {
  const { rows } = await tx.query(ISOLATION);
  const { isolation } = (rows as { isolation: string }[])[0] ?? { isolation: "read committed" };
  return SEES_EACH_COMMIT.has(isolation) ? null : isolation;
}
