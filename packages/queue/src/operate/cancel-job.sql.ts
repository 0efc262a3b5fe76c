import type { Executor } from "@millrace/base";
import { toState } from "../job/transitions.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";
import { CANCEL_NOTICE, LISTEN_CHANNEL } from "../wake/notice.ts";

/** The CTEs that end the queued jobs of a relation as canceled. */
export const endAsCanceled = (relation: string) =>
  endJobs({ relation, set: { state: toState("cancel"), ended_at: "now()" } });

/**
 * An INSERT that requests a cancel of the running jobs of a relation. A request has its own row, so that the claim,
 * which other jobs share, is not locked. A second request changes nothing.
 */
export const requestCancel = (relation: string) => `INSERT INTO millrace.cancel_requests (job_id)
    SELECT id FROM ${relation}
    ON CONFLICT (job_id) DO NOTHING`;

/**
 * Notifies the worker of a running job, at the commit. A worker that does not listen learns of the request at its next
 * lease renewal. The notice has the lease token, so that a late notice cannot end a later run of the job.
 */
export const NOTIFY_WORKER = `pg_notify('${LISTEN_CHANNEL}', '${CANCEL_NOTICE}' || id || ':' || lease_token)`;

/**
 * SQL for the job that waited for a job of the relation `canceled`, and is due now; NULL if there is none. An undo of
 * the cancel needs it. A follower that the same statement cancels does not count.
 */
export const FREED_FOLLOWER = `CASE WHEN canceled.idempotency_key IS NOT NULL THEN (
      SELECT f.id FROM millrace.waiting_jobs f
      WHERE (f.settings ->> 'after') IS NOT NULL AND (f.settings ->> 'after') = canceled.id::text
        AND f.id NOT IN (SELECT canceled.id FROM canceled)
      LIMIT 1) END`;

/** SQL for the job that has the key of a job of the relation `canceled`: mostly the job itself. NULL without a key. */
export const KEY_HOLDER = "(SELECT k.job_id FROM millrace.job_keys k WHERE k.key = canceled.idempotency_key)";

/**
 * Guarantees: cancels a queued job, requests a cancel of a running job, and leaves an ended job unchanged.
 * Index: the primary key of waiting_jobs; reads the ids of all claims.
 * No row: no job has this id, or the job has ended.
 *
 * The result `moved` means that the job was queued, and was claimed during the statement.
 */
const CANCEL = `
  WITH found AS MATERIALIZED (
    SELECT j.id FROM millrace.waiting_jobs j WHERE j.id = $1
  ), canceled AS (
    DELETE FROM millrace.waiting_jobs j WHERE j.id = $1 RETURNING j.*
  ), ${endAsCanceled("canceled")}, running AS MATERIALIZED (
    SELECT r.id, r.lease_token FROM millrace.running_jobs r WHERE r.id = $1 AND $1 = ANY(r.claim_ids)
  ), asked AS (
    ${requestCancel("running")}
  )
  SELECT 'canceled' AS result, NULL AS notified, ${FREED_FOLLOWER} AS follower, ${KEY_HOLDER} AS "keyHolder"
  FROM canceled
  UNION ALL
  SELECT 'cancel-requested', ${NOTIFY_WORKER}::text, NULL, NULL FROM running
  UNION ALL
  SELECT 'moved', NULL, NULL, NULL FROM found WHERE NOT EXISTS (SELECT FROM canceled)`;

/** How often a cancel is tried when the job moves each time. A job that moves more often runs in a tight loop. */
const ROUNDS_MAX = 10;

/** What a cancel did. */
export interface Canceled {
  result: "canceled" | "cancel-requested";
  /** The job that waited for the end of the canceled job, and is due now; null if there is none. */
  follower: string | null;
  /** The job that has the key of the canceled job: mostly the job itself. Null if there is no key. */
  keyHolder: string | null;
}

/** Cancels a queued job, or requests a cancel of a running job. Returns null if no such job exists, or it has ended. */
export async function cancelJob(db: Executor, id: string): Promise<Canceled | null> {
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const { rows } = await db.query(CANCEL, [id]);
    const [row] = rows as (Canceled | { result: "moved" })[];
    if (row === undefined) return null;
    if (row.result !== "moved") return row;
  }
  return null;
}
