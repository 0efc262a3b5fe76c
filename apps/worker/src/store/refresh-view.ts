import type { Executor } from "@millrace/base";

/**
 * Refreshes a materialized view in the caller's transaction. `quotedName` is quoted by `lockView`.
 *
 * Guarantees: readers see the old contents or the new ones. Concurrently, they read the old contents meanwhile, and
 * only writers wait; otherwise, readers wait until the transaction ends.
 * Index: concurrently, a unique index of the view finds the rows that differ.
 * No row: always.
 */
export async function refreshView(
  db: Executor,
  { quotedName, concurrently }: { quotedName: string; concurrently: boolean },
): Promise<void> {
  await db.query(`REFRESH MATERIALIZED VIEW ${concurrently ? "CONCURRENTLY " : ""}${quotedName}`);
}
