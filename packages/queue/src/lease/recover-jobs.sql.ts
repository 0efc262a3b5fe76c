import type { Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import { SUSPECT_CRASHES } from "../job/suspect.ts";
import { fromGuard, rowGuard, TRANSITIONS, toState } from "../job/transitions.ts";
import { DEFAULT_BACKOFF } from "../task/backoff.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";

/** What recovery did. */
export interface RecoverResult {
  requeued: string[];
  failed: string[];
  canceled: string[];
}

/**
 * Jobs that crashed together come due at random moments within this many ms: all at once, they would only crash again.
 */
const SPREAD_MS = 5_000;

/**
 * A first crash is most likely the worker's fault, so the job is due again at once. From the second crash on it may be
 * the job's fault, so the job backs off as after a failure. The attempt is refunded: crashes are counted separately.
 */
const CRASH_DELAY_MS = `
  CASE WHEN NOT expired.charged THEN random() * ${SPREAD_MS}
       WHEN j.crashes = 0 THEN 0
       ELSE least(${DEFAULT_BACKOFF.capMs}, ${DEFAULT_BACKOFF.baseMs} * 2 ^ least(j.crashes - 1, 20))
            + random() * ${SPREAD_MS} END`;

const NEXT_STATE = `
  CASE WHEN j.cancel_requested_at IS NOT NULL THEN ${toState("cancelCrashed")}
       WHEN expired.charged AND j.crashes >= $1::int THEN ${toState("failCrashed")}
       ELSE ${toState("recover")} END`;

const CRASH_ERROR = `format(
  'Worker %s stopped renewing its lease during attempt %s: it crashed, froze or lost the database (crash %s).%s',
  coalesce(j.worker_id, '?'), j.attempts, j.crashes + 1,
  CASE WHEN j.crashes >= $1::int
       THEN format(' That is more than the %s crashes a job may have, so it fails.', $1::int) END)`;

/**
 * Guarantees: an expired run is taken back once, whoever calls; if a renewal comes first, the run keeps its lease. A
 * suspect that had not begun is not charged: another job ended its worker. Notifies sleepers, because the recovering
 * worker may not claim from the job's queue. Index: jobs_lease_idx. No row means: no lease has run out.
 */
const RECOVER = `
  WITH expired AS MATERIALIZED (
    SELECT j.ctid, j.crashes < ${SUSPECT_CRASHES} OR j.last_run_at IS NOT NULL AS charged FROM millrace.jobs j
    WHERE ${fromGuard("recover")} AND j.lease_until < now()
    ORDER BY j.lease_until
    LIMIT $2
    FOR UPDATE SKIP LOCKED
  ), settled AS (
    UPDATE millrace.jobs j
    SET state = ${NEXT_STATE},
        run_at = now() + (${CRASH_DELAY_MS}) * interval '1 ms',
        canceled_at = CASE WHEN j.cancel_requested_at IS NOT NULL THEN now() END,
        cancel_requested_at = NULL, crashes = j.crashes + expired.charged::int, attempts = j.attempts - 1,
        last_error = CASE WHEN expired.charged THEN ${CRASH_ERROR} ELSE j.last_error END,
        lease_until = NULL, updated_at = now()
    FROM expired WHERE j.ctid = expired.ctid AND ${rowGuard("recover")} AND j.lease_until < now()
    RETURNING j.id, j.lease_token, j.attempts + 1 AS attempt, j.worker_id, j.last_run_at, j.state, j.last_error,
              j.queue, j.priority, j.run_at, expired.charged
  ), requeued AS (
    SELECT queue, priority, run_at FROM settled WHERE state = ${toState("recover")}
  ), ${notifySleepers("requeued", "false")}, noted AS (
    INSERT INTO millrace.job_attempts (job_id, lease_token, attempt, worker_id, started_at, outcome, error)
    SELECT id, lease_token, attempt, worker_id, last_run_at, 'crashed', last_error FROM settled WHERE charged
  )
  SELECT id, state FROM settled WHERE ${NOTIFIED}`;

/** Takes back up to `limit` runs whose lease ran out. */
export async function recoverJobs(db: Executor, maxCrashes: number, limit: number): Promise<RecoverResult> {
  const { rows } = await db.query(RECOVER, [maxCrashes, limit]);
  const settled = rows as { id: string; state: JobState }[];
  const idsIn = (state: JobState) => settled.filter((row) => row.state === state).map((row) => row.id);
  return {
    requeued: idsIn(TRANSITIONS.recover.to),
    failed: idsIn(TRANSITIONS.failCrashed.to),
    canceled: idsIn(TRANSITIONS.cancelCrashed.to),
  };
}
