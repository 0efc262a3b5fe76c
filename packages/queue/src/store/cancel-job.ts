import { fromGuard, TRANSITIONS, toState } from "../domain/transitions.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: a queued job is canceled, a running one is asked to stop, any other is left alone. Index: the
 * primary key. No row means: there is no such job, or it is finished.
 */
const CANCEL = `
  UPDATE millrace.jobs j
  SET state = CASE WHEN ${fromGuard("cancel")} THEN ${toState("cancel")} ELSE j.state END,
      canceled_at = CASE WHEN ${fromGuard("cancel")} THEN now() END,
      cancel_requested_at = CASE WHEN ${fromGuard("cancel")} THEN NULL
                                 ELSE coalesce(j.cancel_requested_at, now()) END,
      updated_at = now()
  WHERE j.id = $1 AND (${fromGuard("cancel")} OR ${fromGuard("honourCancel")})
  RETURNING j.state`;

/** Cancels a queued job or asks a running one to stop; null when there is no such unfinished job. */
export async function cancelJob(db: Executor, id: string): Promise<"canceled" | "cancel-requested" | null> {
  const { rows } = await db.query(CANCEL, [id]);
  const row = (rows as { state: string }[])[0];
  if (row === undefined) return null;
  return row.state === TRANSITIONS.cancel.to ? "canceled" : "cancel-requested";
}
