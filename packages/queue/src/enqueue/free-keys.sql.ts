import type { Executor } from "@millrace/base";
import { byPolicy, lockTimeout, WAIT_POLICIES } from "../job/lock-policy.sql.ts";
import type { InsertOptions } from "./insert-jobs.sql.ts";
import { KEY_EXPIRED } from "./key-expired.sql.ts";

/**
 * Guarantees: removes expired keys from jobs, and changes nothing else. If a job was retried in the meantime and its
 * key is valid again, the key stays. Index: the primary key. Locks in id order.
 */
const FREE = byPolicy(WAIT_POLICIES, (policy) => {
  const { cte, join } = lockTimeout(policy);
  return `
  WITH ${cte}expired AS MATERIALIZED (
    SELECT j.ctid FROM ${join}millrace.jobs j
    WHERE j.id = ANY($1::uuid[]) AND j.idempotency_key = ANY($2::text[]) AND ${KEY_EXPIRED}
    ORDER BY j.id FOR UPDATE OF j
  )
  UPDATE millrace.jobs j SET idempotency_key = NULL, key_scope = NULL, key_until = NULL
  FROM expired WHERE j.ctid = expired.ctid`;
});

/** Frees idempotency keys whose scope is over. */
export async function freeKeys(
  db: Executor,
  holders: readonly { id: string; key: string }[],
  { policy = "wait" }: InsertOptions,
): Promise<void> {
  await db.query(FREE[policy], [holders.map((holder) => holder.id), holders.map((holder) => holder.key)]);
}
