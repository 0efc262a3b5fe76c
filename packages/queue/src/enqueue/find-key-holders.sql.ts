import type { Executor } from "@millrace/base";
import { inState } from "../job/state-guards.sql.ts";
import { KEY_EXPIRED } from "./key-expired.sql.ts";

/** Guarantees: reads only. Index: jobs_idempotency_key_idx. A missing row means: no job has the key now. */
const FIND = `
  SELECT j.id, j.idempotency_key AS key, coalesce(${KEY_EXPIRED}, false) AS expired, ${inState("queued")} AS queued
  FROM millrace.jobs j
  WHERE j.idempotency_key = ANY($1::text[]) AND j.idempotency_key IS NOT NULL`;

/** The job that has an idempotency key. */
export interface KeyHolder {
  id: string;
  key: string;
  /** Whether the key's scope is over: then another job may have the key. */
  expired: boolean;
  queued: boolean;
}

/** The jobs that have these idempotency keys, by key. */
export async function findKeyHolders(db: Executor, keys: readonly string[]): Promise<Map<string, KeyHolder>> {
  const { rows } = await db.query(FIND, [keys]);
  return new Map((rows as KeyHolder[]).map((holder) => [holder.key, holder]));
}
