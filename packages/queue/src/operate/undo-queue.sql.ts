import { LISTEN_CHANNEL } from "../wake/notice.ts";
import { undoPass } from "./undo-jobs.sql.ts";

/** The CTE `old`: the queue that the row $1 of the audit log names, as it was, and the instant of the change. */
const OLD_QUEUE = `old AS MATERIALIZED (
    SELECT e.before -> 0 ->> 'queue' AS queue, e.before -> 0 AS was, e.at, e.filter
    FROM millrace.audit_log e WHERE e.id = $1::uuid
  )`;

/** Builds the statements of a pass: `set` restores the queue `q` if `guard` holds. Workers that listen are told. */
const restoring = (guard: string, set: string) => ({
  count: `WITH ${OLD_QUEUE}
  SELECT count(*)::int AS restored FROM old JOIN millrace.job_queues q ON q.name = old.queue AND ${guard}`,
  restore: `WITH ${OLD_QUEUE}, restored AS (
    UPDATE millrace.job_queues q SET ${set} FROM old WHERE q.name = old.queue AND ${guard}
    RETURNING pg_notify('${LISTEN_CHANNEL}', '')
  )
  SELECT count(*)::int AS restored FROM restored`,
});

/**
 * Guarantees: the queue is not paused any more, if its pause is still the one of the command.
 * Index: the primary keys of audit_log and job_queues.
 * No row: never.
 */
const RESUME_AGAIN = restoring("q.paused_at = old.at", "paused_at = NULL");

/**
 * Guarantees: the queue is paused since the instant at which it was paused before, if it is not paused.
 * Index: the primary keys of audit_log and job_queues.
 * No row: never.
 */
const PAUSE_AGAIN = restoring("q.paused_at IS NULL", "paused_at = (old.was ->> 'pausedAt')::timestamptz");

/**
 * Guarantees: the queue has the settings that it had before, if it still has those of the command.
 * Index: the primary keys of audit_log and job_queues.
 * No row: never.
 */
const SET_AGAIN = restoring(
  "q.settings IS NOT DISTINCT FROM nullif(old.filter -> 'settings', 'null')",
  "settings = nullif(old.was -> 'settings', 'null')",
);

/** The passes that undo a `pause`. */
export const UNDO_PAUSE = [undoPass(RESUME_AGAIN)];

/** The passes that undo a `resume`. */
export const UNDO_RESUME = [undoPass(PAUSE_AGAIN)];

/** The passes that undo a `setQueue`. */
export const UNDO_SET_QUEUE = [undoPass(SET_AGAIN)];
