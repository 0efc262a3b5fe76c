import { insertFrom } from "../job/places.sql.ts";
import { KEY_ROW_ADDRESS, ROW_ADDRESS } from "../job/row-address.ts";
import { isFrom } from "../job/transitions.ts";
import { freeFollowers, RUNNING } from "../wake/free-followers.sql.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import { undoOfRunning, undoPass, undoStatements } from "./undo-jobs.sql.ts";

/**
 * SQL for where the follower of a canceled job is, if nobody has touched it since: it waits still, or is due since the
 * cancel, or this undo has queued it again. `old` is the canceled job.
 */
const UNTOUCHED_FOLLOWER = (old: string) => `millrace.waiting_jobs w
      WHERE w.id = (${old}.was ->> 'follower')::uuid
        AND ((w.settings ->> 'after') = ${old}.id::text OR w.updated_at IN (${old}.at, now()))`;

/** SQL for the key of a canceled job `j`, if the same job has the key as at the cancel. `old` is the canceled job. */
const SAME_KEY = (old: string) => `millrace.job_keys k
      WHERE k.key = j.idempotency_key AND k.job_id = (${old}.was ->> 'keyHolder')::uuid`;

/**
 * Guarantees: of one row of the audit log, queues the jobs again that its cancel has ended and that nobody has touched
 * since: with their time, attempts, crashes, settings and keys. Leaves a job whose key another job has taken. Workers
 * are notified of the jobs that are due, at the commit. Leaves locked jobs unchanged.
 * Index: the primary keys of audit_log, ended_jobs, waiting_jobs and job_keys, job by job.
 * No row: never.
 *
 * The follower of a job waits for the job again. If the follower has moved on, the job stays as it is: otherwise two
 * jobs of the key would run side by side.
 *
 * A key is deleted and inserted again. An enqueue at the same time may have found that the key has expired, because its
 * job has ended: then the enqueue finds the row gone, and looks again after the commit.
 */
const REQUEUE = undoStatements(
  {
    table: "ended_jobs",
    guard: `old.state = 'queued' AND ${isFrom("undoCancel", "j.state")} AND j.ended_at = old.at
        AND (old.was ->> 'keyHolder' IS NULL OR EXISTS (SELECT FROM ${SAME_KEY("old")}))
        AND (old.was ->> 'follower' IS NULL OR EXISTS (SELECT FROM ${UNTOUCHED_FOLLOWER("old")}))`,
  },
  `alone AS MATERIALIZED (
    SELECT fitting.*, follower.row_address AS follower_address, own.row_address AS key_address
    FROM fitting LEFT JOIN LATERAL (
      SELECT w.${ROW_ADDRESS} AS row_address FROM ${UNTOUCHED_FOLLOWER("fitting")} LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS follower ON true
    LEFT JOIN LATERAL (
      SELECT k.${KEY_ROW_ADDRESS} AS row_address
      FROM millrace.ended_jobs j, ${SAME_KEY("fitting")} AND j.${ROW_ADDRESS} = fitting.row_address
      LIMIT 1 FOR UPDATE OF k SKIP LOCKED
    ) AS own ON true
    WHERE (follower.row_address IS NOT NULL OR fitting.was ->> 'follower' IS NULL)
      AND (own.row_address IS NOT NULL OR fitting.was ->> 'keyHolder' IS NULL)
  ), keys AS (
    DELETE FROM millrace.job_keys k USING alone WHERE k.${KEY_ROW_ADDRESS} = alone.key_address RETURNING k.*
  ), keys_again AS (
    INSERT INTO millrace.job_keys (key, job_id, scope, until) SELECT key, job_id, scope, until FROM keys
  ), back AS (
    DELETE FROM millrace.ended_jobs j USING alone WHERE j.${ROW_ADDRESS} = alone.row_address
    RETURNING j.*
  ), waits_again AS (
    UPDATE millrace.waiting_jobs w
    SET run_at = 'infinity', updated_at = now(),
        settings = coalesce(w.settings, '{}') || jsonb_build_object('after', alone.id::text)
    FROM alone WHERE w.${ROW_ADDRESS} = alone.follower_address
  ), requeued AS (
    ${insertFrom("waiting_jobs", "back", {})}
    RETURNING id, queue, priority, run_at, settings
  ), ${notifySleepers("requeued", "true")}
  SELECT (SELECT count(*) FROM requeued)::int AS restored,
         ARRAY(SELECT requeued.id FROM requeued WHERE (requeued.settings ->> 'after') IS NOT NULL)::text[] AS followers
  WHERE ${NOTIFIED}`,
);

/**
 * The CTE `still` of the jobs that the command found running, and that still run. Leaves out a job whose cancel a later
 * command requested as well: that command wrote no request of its own, because the first one was there.
 */
const STILL_RUNNING = `${RUNNING}, asked_later AS MATERIALIZED (
    SELECT (each.job ->> 'id')::uuid AS id
    FROM millrace.audit_log mine
    JOIN millrace.audit_log later ON later.id > mine.id AND later.command_id <> mine.command_id
      AND later.action IN ('cancel', 'cancelMany'),
      LATERAL jsonb_array_elements(later.before) AS each(job)
    WHERE mine.id = $1::uuid AND each.job ->> 'state' = 'running'
      AND NOT EXISTS (
        SELECT FROM millrace.audit_log undo
        WHERE undo.action = 'undo' AND (undo.filter ->> 'commandId') = later.command_id::text)
  ), still AS MATERIALIZED (
    SELECT old.id, old.at FROM old
    WHERE old.state = 'running' AND old.id IN (SELECT running.id FROM running)
      AND old.id NOT IN (SELECT asked_later.id FROM asked_later)
  )`;

/**
 * Guarantees: of one row of the audit log, withdraws the cancel requests that it wrote, of jobs that still run. A
 * worker that has heard of the request may have aborted the handler already: then the run is released when it ends. An
 * older request stays, and so does a request that a later command repeated.
 * Index: the primary keys of audit_log and cancel_requests, and audit_log_undo_key. If the row has running jobs, reads
 * the ids of all claims and the later rows of the audit log.
 * No row: never.
 */
const WITHDRAW = undoOfRunning(STILL_RUNNING, {
  count: `
  SELECT count(*)::int AS restored
  FROM still JOIN millrace.cancel_requests asked ON asked.job_id = still.id AND asked.requested_at = still.at`,
  restore: `withdrawn AS (
    DELETE FROM millrace.cancel_requests asked USING still
    WHERE asked.job_id = still.id AND asked.requested_at = still.at
    RETURNING asked.job_id
  )
  SELECT count(*)::int AS restored FROM withdrawn`,
});

/**
 * The passes that undo a cancel. The withdrawal is the last pass: a worker that settles such a job waits for the end of
 * the transaction.
 */
export const UNDO_CANCEL = [
  undoPass(REQUEUE, async (db, { followers = [] }) => {
    // The job that a follower waits for may have ended meanwhile.
    if (followers.length > 0) await freeFollowers(db, followers, { commitsAtOnce: false });
  }),
  undoPass(WITHDRAW),
];
