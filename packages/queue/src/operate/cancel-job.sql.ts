import type { Executor } from "@millrace/base";
import { inState } from "../job/state-guards.sql.ts";
import { fromGuard, TRANSITIONS, toState } from "../job/transitions.ts";
import { CANCEL_NOTICE, LISTEN_CHANNEL } from "../wake/notice.ts";

/** What a cancel changes in the row of a queued job or of a running job. */
export const CANCELED = `state = CASE WHEN ${fromGuard("cancel")} THEN ${toState("cancel")} ELSE j.state END,
      canceled_at = CASE WHEN ${fromGuard("cancel")} THEN now() END,
      cancel_requested_at = CASE WHEN ${fromGuard("cancel")} THEN NULL
                                 ELSE coalesce(j.cancel_requested_at, now()) END,
      updated_at = now()`;

/**
 * Notifies the worker that runs a job, at the commit. A worker that does not listen learns of the request when it
 * renews its lease. The token keeps a late notice from ending the job's next run.
 */
export const NOTIFY_WORKER = `
  CASE WHEN state <> ${toState("cancel")}
       THEN pg_notify('${LISTEN_CHANNEL}', '${CANCEL_NOTICE}' || id || ':' || lease_token) END`;

/**
 * Guarantees: a queued job is canceled, a running job is asked to stop, any other job is left alone. Index: the primary
 * key. No row means: there is no such job, or it is finished.
 */
const CANCEL = `
  WITH canceled AS (
    UPDATE millrace.jobs j
    SET ${CANCELED}
    WHERE j.id = $1 AND (${fromGuard("cancel")} OR ${inState("running")})
    RETURNING j.id, j.state, j.lease_token
  )
  SELECT state, ${NOTIFY_WORKER} FROM canceled`;

/** Cancels a queued job or asks a running one to stop; null when there is no such unfinished job. */
export async function cancelJob(db: Executor, id: string): Promise<"canceled" | "cancel-requested" | null> {
  const { rows } = await db.query(CANCEL, [id]);
  const row = (rows as { state: string }[])[0];
  if (row === undefined) return null;
  return row.state === TRANSITIONS.cancel.to ? "canceled" : "cancel-requested";
}
