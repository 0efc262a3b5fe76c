import type { Executor } from "@millrace/base";
import type { CheckedChange } from "./change-job.sql.ts";

/** A field of the record, as text; NULL if the record does not have it. */
const was = (field: string) => `old.was ->> '${field}'`;

/** Whether the record has a field. */
const has = (field: string) => `old.was ? '${field}'`;

/**
 * The settings of the record, as `CheckedChange` has them: JSON text of the tags and the metadata that the job had. The
 * record of a job without any has empty ones.
 */
const SETTINGS = `nullif(
      CASE WHEN jsonb_typeof(old.was -> 'tags') = 'array' AND old.was -> 'tags' <> '[]'
           THEN jsonb_build_object('tags', old.was -> 'tags') ELSE '{}' END
      || CASE WHEN jsonb_typeof(old.was -> 'metadata') = 'object' AND old.was -> 'metadata' <> '{}'
              THEN jsonb_build_object('metadata', old.was -> 'metadata') ELSE '{}' END, '{}')::text`;

/**
 * Guarantees: returns the job that the row $1 of the audit log names, if nobody has claimed or changed the job since.
 * With $2, locks the job; a job that another transaction has locked is left out. The record becomes the change that
 * restores the old values.
 * Index: the primary keys of audit_log and waiting_jobs.
 * No row: the job has moved on, or is locked.
 */
const find = (lock: string) => `
  WITH old AS MATERIALIZED (
    SELECT (e.before -> 0 ->> 'id')::uuid AS id, e.before -> 0 AS was, e.at
    FROM millrace.audit_log e WHERE e.id = $1::uuid
  )
  SELECT job.id, ${was("queue")} AS queue, (old.was -> 'payload')::text AS payload,
         (${was("priority")})::int AS priority,
         ${was("runAt")} AS "runAt", NULL AS "delayMs", (${was("maxAttempts")})::int AS "maxAttempts",
         ${has("idempotencyKey")} AS "setsKey", ${was("idempotencyKey")} AS key, ${SETTINGS} AS settings,
         ${has("tags")} AS "setsTags", ${has("metadata")} AS "setsMetadata"
  FROM old, LATERAL (
    SELECT j.id FROM millrace.waiting_jobs j
    WHERE j.id = old.id AND j.lease_token = (${was("leaseToken")})::bigint AND j.updated_at = old.at
    LIMIT 1 ${lock}
  ) AS job`;

const FIND = { counted: find(""), locked: find("FOR UPDATE SKIP LOCKED") };

/**
 * Guarantees: if a job has its old key again, the key has its old scope and end again.
 * Index: the primary keys of audit_log and job_keys.
 * No row: always; the statement returns no rows.
 */
const RESTORE_SCOPE = `
  UPDATE millrace.job_keys k
  SET scope = e.before -> 0 ->> 'keyScope', until = (e.before -> 0 ->> 'keyUntil')::timestamptz
  FROM millrace.audit_log e
  WHERE e.id = $1::uuid AND k.key = (e.before -> 0 ->> 'idempotencyKey')
    AND k.job_id = (e.before -> 0 ->> 'id')::uuid`;

/** The change that restores a job. */
export interface OldValues {
  id: string;
  change: CheckedChange;
}

/** Returns the change that restores the job of a `change`; null if the job has moved on, or is locked. */
export async function findChanged(
  db: Executor,
  entryId: string,
  { locks }: { locks: boolean },
): Promise<OldValues | null> {
  const { rows } = await db.query(locks ? FIND.locked : FIND.counted, [entryId]);
  const [row] = rows as (CheckedChange & { id: string })[];
  if (row === undefined) return null;
  const { id, ...change } = row;
  return { id, change };
}

/** Gives a key that a change has restored the scope that it had. */
export async function restoreKeyScope(db: Executor, entryId: string): Promise<void> {
  await db.query(RESTORE_SCOPE, [entryId]);
}
