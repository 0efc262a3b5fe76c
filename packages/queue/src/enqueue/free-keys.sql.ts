import type { Executor } from "@millrace/base";
import { byPolicy, lockTimeout, WAIT_POLICIES } from "../job/lock-policy.sql.ts";
import type { InsertOptions } from "./insert-jobs.sql.ts";
import { KEY_EXPIRED } from "./key-expired.sql.ts";

/**
 * Guarantees: deletes only expired keys of the given jobs. A key that is valid again after a retry stays. Locks the
 * keys in sorted order, as inserts do.
 * Index: job_keys_pkey.
 * No row: always; the statement returns no rows.
 */
const FREE = byPolicy(WAIT_POLICIES, (policy) => {
  const { cte, join } = lockTimeout(policy);
  return `
  WITH ${cte}expired AS MATERIALIZED (
    SELECT k.key FROM ${join}millrace.job_keys k
    WHERE k.key = ANY($2::text[]) AND k.job_id = ANY($1::uuid[]) AND ${KEY_EXPIRED}
    ORDER BY k.key FOR UPDATE OF k
  )
  DELETE FROM millrace.job_keys k USING expired WHERE k.key = expired.key`;
});

/** Frees expired idempotency keys. */
export async function freeKeys(
  db: Executor,
  holders: readonly { id: string; key: string }[],
  { policy = "wait" }: InsertOptions,
): Promise<void> {
  await db.query(FREE[policy], [holders.map((holder) => holder.id), holders.map((holder) => holder.key)]);
}
