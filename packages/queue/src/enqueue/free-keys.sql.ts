import type { Executor } from "@millrace/base";
import { lockLimit } from "../job/lock-policy.sql.ts";
import type { InsertOptions } from "./insert-jobs.sql.ts";

/**
 * Guarantees: deletes only expired keys of the given jobs. A key that is valid again after a retry stays. Locks the
 * keys in sorted order, as inserts do. The function says what `KEY_EXPIRED` says.
 * Index: job_keys_pkey.
 * No row: never.
 */
const FREE = "SELECT millrace.free_expired_keys($1, $2, $3)";

/** Frees expired idempotency keys. */
export async function freeKeys(
  db: Executor,
  holders: readonly { id: string; key: string }[],
  { policy = "wait" }: InsertOptions,
): Promise<void> {
  await db.query(FREE, [
    holders.map((holder) => holder.id),
    holders.map((holder) => holder.key),
    lockLimit(policy),
  ]);
}
