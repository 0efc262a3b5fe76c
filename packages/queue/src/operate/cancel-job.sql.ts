import type { Executor } from "@millrace/base";
import { toState } from "../job/transitions.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";
import { CANCEL_NOTICE, LISTEN_CHANNEL } from "../wake/notice.ts";

/** The CTEs that end the queued jobs of a relation as canceled. */
export const endAsCanceled = (relation: string) =>
  endJobs({ relation, set: { state: toState("cancel"), ended_at: "now()" } });

/**
 * An INSERT that asks the runs of a relation to stop. A request is a row of its own: the claim, which other jobs share,
 * is not locked. A second request changes nothing.
 */
export const requestCancel = (relation: string) => `INSERT INTO millrace.cancel_requests (job_id)
    SELECT id FROM ${relation}
    ON CONFLICT (job_id) DO NOTHING`;

/**
 * Notifies the worker that runs a job, at the commit. A worker that does not listen learns of the request when it
 * renews its lease. The token keeps a late notice from ending the job's next run.
 */
export const NOTIFY_WORKER = `pg_notify('${LISTEN_CHANNEL}', '${CANCEL_NOTICE}' || id || ':' || lease_token)`;

/**
 * Guarantees: a queued job is canceled, a running job is asked to stop, any other job is left alone.
 * Index: the primary key of waiting_jobs; reads the ids of all claims.
 * No row: there is no such job, or it is finished. `moved`: the job was queued and has been claimed meanwhile.
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
  SELECT 'canceled' AS result, NULL AS notified FROM canceled
  UNION ALL
  SELECT 'cancel-requested', ${NOTIFY_WORKER}::text FROM running
  UNION ALL
  SELECT 'moved', NULL FROM found WHERE NOT EXISTS (SELECT FROM canceled)`;

/** How often a cancel is repeated when the job moved during the statement. More often means a job in a tight loop. */
const ROUNDS_MAX = 10;

/** Cancels a queued job or asks a running one to stop; null when there is no such unfinished job. */
export async function cancelJob(db: Executor, id: string): Promise<"canceled" | "cancel-requested" | null> {
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const { rows } = await db.query(CANCEL, [id]);
    const result = (rows as { result: "canceled" | "cancel-requested" | "moved" }[])[0]?.result ?? null;
    if (result !== "moved") return result;
  }
  return null;
}
