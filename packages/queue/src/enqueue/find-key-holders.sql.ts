import type { Executor } from "@millrace/base";
import { ID_TEXT } from "../job/places.sql.ts";
import { KEY_EXPIRED } from "./key-expired.sql.ts";

/**
 * Guarantees: reads only.
 * Index: job_keys_pkey, and the primary keys of waiting_jobs and ended_jobs.
 * No row: no job has the key.
 */
const FIND = `
  SELECT k.job_id AS id, k.key, coalesce(${KEY_EXPIRED}, false) AS expired,
         EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = k.job_id) AS queued,
         CASE WHEN k.scope = 'active' THEN (
           SELECT e.settings ->> 'after' FROM millrace.ended_jobs e
           WHERE e.id = k.job_id AND (e.settings ->> 'after') ~ '${ID_TEXT}') END AS after
  FROM millrace.job_keys k WHERE k.key = ANY($1::text[])`;

/** The job that has an idempotency key. */
export interface KeyHolder {
  id: string;
  key: string;
  /** Whether the key has expired. Another job may take an expired key. */
  expired: boolean;
  /** Whether the job is queued. */
  queued: boolean;
  /** The job that a canceled job waited for; null for any other job. */
  after: string | null;
}

/** Finds the jobs that have these idempotency keys. Returns the jobs by key. */
export async function findKeyHolders(db: Executor, keys: readonly string[]): Promise<Map<string, KeyHolder>> {
  const { rows } = await db.query(FIND, [keys]);
  return new Map((rows as KeyHolder[]).map((holder) => [holder.key, holder]));
}
