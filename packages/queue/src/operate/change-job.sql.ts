import type { Executor } from "@millrace/base";
import { type InsertOptions, LARGE_PAYLOAD_BYTES } from "../enqueue/insert-jobs.sql.ts";
import type { Job } from "../job/job.ts";
import { ROW_ADDRESS } from "../job/row-address.ts";
import { rowToJob } from "../job/row-to-job.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import { WAITS_FOR } from "./waits-for-other.sql.ts";

const IS_LARGE = `octet_length($4::text) > ${LARGE_PAYLOAD_BYTES}`;

const IS_SMALL = `octet_length($4::text) <= ${LARGE_PAYLOAD_BYTES}`;

/**
 * SQL for whether the change sets a time or a key. Of a job that waits for another job of its key, neither may change:
 * the job would run beside that other job, or a third job would.
 */
const SETS_TIME_OR_KEY = "($6::timestamptz IS NOT NULL OR $7::float8 IS NOT NULL OR $9::boolean)";

/**
 * The CTEs that lock the job and decide. `locked` is the job as it is now. `fresh` has the job if nothing has changed
 * it since the statement began: then the statement also sees the job's key and its large payload as they are now.
 * `allowed` has the job if the change may be written.
 */
const DECIDED = `seen AS MATERIALIZED (
    SELECT j.${ROW_ADDRESS} AS row_address FROM millrace.waiting_jobs j WHERE j.id = $1
  ), locked AS MATERIALIZED (
    SELECT j.id, j.idempotency_key, j.${ROW_ADDRESS} AS row_address, ${WAITS_FOR} AS waits_for
    FROM millrace.waiting_jobs j WHERE j.id = $1 FOR UPDATE
  ), fresh AS MATERIALIZED (
    SELECT locked.*, own.scope, own.until, own.key AS own_key, own.key IS NOT DISTINCT FROM $10::text AS has_key
    FROM locked JOIN seen ON seen.row_address = locked.row_address
    LEFT JOIN millrace.job_keys own ON own.key = locked.idempotency_key AND own.job_id = locked.id
    WHERE NOT (${SETS_TIME_OR_KEY} AND locked.waits_for IS NOT NULL)
  ), taken AS (
    INSERT INTO millrace.job_keys (key, job_id, scope, until)
    SELECT $10::text, fresh.id, fresh.scope, fresh.until
    FROM fresh WHERE $9::boolean AND $10::text IS NOT NULL AND NOT fresh.has_key
    ON CONFLICT (key) DO NOTHING
    RETURNING job_id
  ), allowed AS MATERIALIZED (
    SELECT fresh.* FROM fresh
    WHERE NOT $9::boolean OR $10::text IS NULL OR fresh.has_key OR EXISTS (SELECT FROM taken)
  )`;

/** The CTEs that write the change of the job in `allowed`. */
const WRITTEN = `released AS (
    DELETE FROM millrace.job_keys k USING allowed
    WHERE $9::boolean AND NOT allowed.has_key AND k.key = allowed.own_key AND k.job_id = allowed.id
  ), small AS (
    DELETE FROM millrace.job_payloads p USING allowed WHERE p.job_id = allowed.id AND ${IS_SMALL}
  ), large AS (
    INSERT INTO millrace.job_payloads AS p (job_id, payload, bytes)
    SELECT allowed.id, $4::jsonb, octet_length($4::text) FROM allowed WHERE ${IS_LARGE}
    ON CONFLICT (job_id) DO UPDATE SET payload = excluded.payload, bytes = excluded.bytes
  ), changed AS (
    UPDATE millrace.waiting_jobs j
    SET queue = coalesce($3::text, j.queue), priority = coalesce($5::smallint, j.priority),
        max_attempts = coalesce($8::int, j.max_attempts),
        payload = CASE WHEN ${IS_SMALL} THEN $4::jsonb WHEN ${IS_LARGE} THEN NULL ELSE j.payload END,
        run_at = coalesce($6::timestamptz, now() + $7::float8 * interval '1 ms', j.run_at),
        idempotency_key = CASE WHEN $9::boolean THEN $10::text ELSE j.idempotency_key END,
        settings = nullif(coalesce(j.settings, '{}') - $12::text[] || coalesce($11::jsonb, '{}'), '{}'),
        updated_at = now()
    FROM allowed WHERE j.id = allowed.id
    RETURNING j.*
  )`;

/** The changed job `j` as `rowToJob` reads it. The statement itself does not see what it wrote into other tables. */
const CHANGED_JOB = `j.id, j.queue, j.type, 'queued' AS state, j.priority, j.run_at, j.lease_token, j.worker_id,
         j.attempts, j.max_attempts, j.crashes, j.last_error, j.last_run_at, j.created_at, j.updated_at, j.progress,
         j.settings, j.settings -> 'tags' AS tags, j.settings -> 'metadata' AS metadata,
         to_timestamp((j.settings ->> 'startBy')::float8 / 1000) AS start_by,
         to_timestamp((j.settings ->> 'tickAt')::float8 / 1000) AS tick_at,
         CASE WHEN ${IS_LARGE} THEN $4::jsonb
              ELSE coalesce(j.payload, (SELECT p.payload FROM millrace.job_payloads p WHERE p.job_id = j.id)) END
           AS payload,
         CASE WHEN $9::boolean THEN $10::text ELSE (SELECT allowed.own_key FROM allowed) END AS idempotency_key,
         (SELECT s.id FROM millrace.job_schedules s WHERE s.id = j.schedule_id) AS schedule_id`;

/**
 * Guarantees: changes a queued job, all or nothing, and nobody else changes or claims the job meanwhile. Attempts stay.
 * A new key takes the place of the old one; if the key is taken, nothing changes. A payload moves into job_payloads and
 * out of it by its size. Notifies sleeping workers if the job is due.
 * Index: the primary keys of waiting_jobs, job_keys and job_payloads.
 * No row: no job has this id, or the job is not queued.
 *
 * The result is `moved` if another call changed the job since the statement began: the statement may then not see the
 * job's key or its large payload, and would leave rows that belong to no job.
 */
const CHANGE = `
  WITH ${DECIDED}, ${WRITTEN}, ${notifySleepers("changed", "$2")}
  SELECT CASE WHEN j.id IS NOT NULL THEN 'changed'
              WHEN NOT EXISTS (SELECT FROM seen WHERE seen.row_address = locked.row_address) THEN 'moved'
              WHEN ${SETS_TIME_OR_KEY} AND locked.waits_for IS NOT NULL THEN 'waits'
              ELSE 'key-taken' END AS result,
         locked.waits_for, ${CHANGED_JOB}
  FROM locked LEFT JOIN changed AS j ON true
  WHERE ${NOTIFIED}`;

/** A checked change. Null leaves a column as it is. */
export interface CheckedChange {
  queue: string | null;
  /** JSON text. */
  payload: string | null;
  priority: number | null;
  /** ISO 8601. */
  runAt: string | null;
  delayMs: number | null;
  maxAttempts: number | null;
  /** Whether to change the key to `key`, where null is no key. */
  setsKey: boolean;
  key: string | null;
  /** JSON text of the tags and the metadata that are set. */
  settings: string | null;
  setsTags: boolean;
  setsMetadata: boolean;
}

/** What became of a change. Only `changed` wrote something. */
export type ChangeResult =
  | { result: "changed"; job: Job }
  /** The time and the key of a job that waits for another job cannot be changed. */
  | { result: "waits"; waitsFor: string }
  /** Another job has the key, which may have expired. */
  | { result: "key-taken" }
  /** Another call changed the job during the statement. */
  | { result: "moved" };

/** Changes a queued job. Returns null if no such job exists, or the job is not queued. */
export async function changeJob(
  db: Executor,
  id: string,
  { change, options }: { change: CheckedChange; options: Pick<InsertOptions, "commitsAtOnce"> },
): Promise<ChangeResult | null> {
  const cleared = [...(change.setsTags ? ["tags"] : []), ...(change.setsMetadata ? ["metadata"] : [])];
  const { rows } = await db.query(CHANGE, [
    id,
    !options.commitsAtOnce,
    change.queue,
    change.payload,
    change.priority,
    change.runAt,
    change.delayMs,
    change.maxAttempts,
    change.setsKey,
    change.key,
    change.settings,
    cleared,
  ]);
  const row = (rows as { result: ChangeResult["result"]; waits_for: string | null }[])[0];
  if (row === undefined) return null;
  if (row.result === "changed") return { result: "changed", job: rowToJob(row) };
  if (row.result === "waits") return { result: "waits", waitsFor: row.waits_for ?? "" };
  return { result: row.result };
}
