import type { Executor } from "@millrace/base";
import type { JobChange } from "./change-job.ts";

/** An output of more bytes is not kept, and its job's retry cannot be undone. */
const OUTPUT_BYTES_MAX = 8_192;

/** The outputs in one row of the audit log have at most so many bytes. */
const OUTPUTS_BYTES_MAX = 4_194_304;

/**
 * SQL for the record of a job: pairs of a name and SQL. Fields without a value are left out. Values that are JSON
 * themselves are text, so that they come back exactly as they were, with their own nulls.
 */
const record = (...fields: readonly string[]) => `json_strip_nulls(json_build_object(${fields.join(", ")}))`;

/** SQL for the length of an output as JSON text. */
const bytesOf = (job: string) => `octet_length(${job}.output::text)`;

/** SQL for the settings of a job `job` if a retry or a run now may remove some of them. */
const settingsOf = (job: string) =>
  `CASE WHEN ${job}.settings ?| '{after,startBy}' THEN ${job}.settings::text END`;

/** SQL for the record of a job that has ended and is retried. `keeps` is SQL for whether its output is kept. */
const retryRecord = (job: string, keeps: string) =>
  record(
    `'id', ${job}.id, 'state', ${job}.state, 'runAt', ${job}.run_at, 'attempts', ${job}.attempts`,
    `'crashes', ${job}.crashes, 'endedAt', ${job}.ended_at, 'leaseToken', ${job}.lease_token`,
    `'output', CASE WHEN ${keeps} THEN ${job}.output::text END`,
    `'outputBytes', CASE WHEN NOT (${keeps}) THEN ${bytesOf(job)} END`,
    `'settings', ${settingsOf(job)}`,
  );

/** SQL for the record of a queued job that is made due. */
const runNowRecord = (job: string) =>
  record(
    `'id', ${job}.id, 'state', 'queued', 'runAt', ${job}.run_at, 'leaseToken', ${job}.lease_token`,
    `'settings', ${settingsOf(job)}`,
  );

/** The columns of a job `j` that a run now changes, under names of their own. */
export const COLUMNS_BEFORE_RUN_NOW = ["j.run_at AS old_run_at", "j.settings AS old_settings"];

/** SQL for the records of many jobs that were made due, as JSON text. The relation has the columns above, too. */
export const runNowRecords = (relation: string) => `(
      SELECT coalesce(json_agg(${runNowRecord("b")}), '[]')::text
      FROM (
        SELECT r.id, r.lease_token, r.old_run_at AS run_at, r.old_settings AS settings FROM ${relation} AS r
      ) AS b)`;

/** An SQL condition: the output of a job is short enough to be kept. */
const isShort = (job: string) => `${bytesOf(job)} <= ${OUTPUT_BYTES_MAX}`;

/** SQL for the records of many retried jobs of a relation, as JSON text. */
export const retryRecords = (relation: string) => `(
      SELECT coalesce(json_agg(${retryRecord("b", `${isShort("b")} AND b.bytes <= ${OUTPUTS_BYTES_MAX}`)}), '[]')::text
      FROM (
        SELECT r.*, sum(${bytesOf("r")}) FILTER (WHERE ${isShort("r")}) OVER (ORDER BY r.id) AS bytes
        FROM ${relation} AS r
      ) AS b)`;

/**
 * Guarantees: an ended job stays as it is until the end of the transaction. Waits for whoever has locked the job.
 * Index: the primary key of ended_jobs.
 * No row: no job has this id, or the job has not ended.
 */
const BEFORE_RETRY = `
  SELECT ${retryRecord("j", isShort("j"))}::text AS record
  FROM millrace.ended_jobs j WHERE j.id = $1 FOR UPDATE`;

/**
 * Guarantees: a queued job stays as it is until the end of the transaction, and only this transaction changes it. Waits
 * for whoever has locked the job. The record is NULL for a job that is due already.
 * Index: the primary key of waiting_jobs.
 * No row: no job has this id, or the job is not queued.
 */
const BEFORE_RUN_NOW = `
  SELECT CASE WHEN j.run_at > now() THEN ${runNowRecord("j")}::text END AS record
  FROM millrace.waiting_jobs j WHERE j.id = $1 FOR UPDATE`;

/**
 * Guarantees: as BEFORE_RUN_NOW.
 * Index: the primary key of waiting_jobs.
 * No row: no job has this id, or the job is not queued.
 */
const LOCK = "SELECT FROM millrace.waiting_jobs j WHERE j.id = $1 FOR UPDATE";

/** For each field of a change: what the record has of the job `j`, a name and its SQL in turn. */
const CHANGED_FIELDS: { readonly [Name in keyof JobChange]-?: string } = {
  payload:
    "'payload', coalesce(j.payload, (SELECT p.payload FROM millrace.job_payloads p WHERE p.job_id = j.id))",
  runAt: "'runAt', j.run_at",
  delayMs: "'runAt', j.run_at",
  priority: "'priority', j.priority",
  queue: "'queue', j.queue",
  maxAttempts: "'maxAttempts', j.max_attempts",
  idempotencyKey: "'idempotencyKey', k.key, 'keyScope', k.scope, 'keyUntil', k.until",
  tags: "'tags', coalesce(j.settings -> 'tags', '[]')",
  metadata: "'metadata', coalesce(j.settings -> 'metadata', '{}')",
};

/**
 * Guarantees: reads only.
 * Index: the primary keys of waiting_jobs, job_keys and job_payloads.
 * No row: no job has this id, or the job is not queued.
 */
const beforeChange = (fields: readonly string[]) => `
  SELECT json_build_object('id', j.id, 'state', 'queued', 'leaseToken', j.lease_token, ${fields.join(", ")})::text
           AS record
  FROM millrace.waiting_jobs j
  LEFT JOIN millrace.job_keys k ON k.key = j.idempotency_key AND k.job_id = j.id
  WHERE j.id = $1`;

/** Locks an ended job, and returns its record as JSON text; null if there is no such job. */
export function recordBeforeRetry(db: Executor, id: string): Promise<string | null> {
  return recordOf(db, BEFORE_RETRY, id);
}

/** Locks a queued job, and returns its record as JSON text; null if there is no such job, or it is due already. */
export function recordBeforeRunNow(db: Executor, id: string): Promise<string | null> {
  return recordOf(db, BEFORE_RUN_NOW, id);
}

/** Locks a queued job, and returns the old values of what a change changes, as JSON text; null if there is none. */
export async function recordBeforeChange(
  db: Executor,
  id: string,
  change: JobChange,
): Promise<string | null> {
  await db.query(LOCK, [id]);
  // Another statement: the first one does not see what was written into other tables while it waited for the lock.
  const fields = Object.keys(change).map((name) => CHANGED_FIELDS[name as keyof JobChange]);
  return recordOf(db, beforeChange(fields), id);
}

async function recordOf(db: Executor, statement: string, id: string): Promise<string | null> {
  const { rows } = await db.query(statement, [id]);
  return (rows as { record: string | null }[])[0]?.record ?? null;
}
