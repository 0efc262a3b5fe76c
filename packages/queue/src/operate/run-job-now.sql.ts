import type { Executor } from "@millrace/base";
import type { InsertOptions } from "../enqueue/insert-jobs.sql.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import type { Requeued } from "./retry-job.sql.ts";
import { settingsToRunNow, WAITS_FOR, WAITS_FOR_OTHER } from "./waits-for-other.sql.ts";

/** The SQL condition under which a queued job `j` can be made due now. */
export const CAN_RUN_NOW = `j.run_at > now() AND NOT ${WAITS_FOR_OTHER}`;

/**
 * An UPDATE that makes queued jobs due now. `from` is SQL for the relation that names the jobs, with its condition. A
 * job keeps its attempts and everything else.
 */
export const setDue = (from: string) => `UPDATE millrace.waiting_jobs j
    SET run_at = now(), updated_at = now(), settings = ${settingsToRunNow("j.settings")}
    FROM ${from}
    RETURNING j.id, j.queue, j.priority, j.run_at`;

/**
 * Guarantees: a queued job is due now. A job that is due already stays as it is, and so does a job that waits for
 * another job of its key. Notifies sleeping workers.
 * Index: the primary key of waiting_jobs.
 * No row: no job has this id, or the job is not queued.
 *
 * The job is locked first, so that what the statement finds is true when it writes.
 */
const RUN_NOW = `
  WITH found AS MATERIALIZED (
    SELECT j.id, ${WAITS_FOR} AS waits_for FROM millrace.waiting_jobs j WHERE j.id = $1 FOR UPDATE
  ), due AS (
    ${setDue("found WHERE j.id = found.id AND found.waits_for IS NULL AND j.run_at > now()")}
  ), ${notifySleepers("due", "$2")}
  SELECT found.waits_for AS "waitsFor" FROM found WHERE ${NOTIFIED}`;

/**
 * Makes a queued job due now. Returns null if no such job exists, or the job is not queued. A call that commits later
 * than its statement always notifies, because a worker may fall asleep before the commit.
 */
export async function runJobNow(
  db: Executor,
  id: string,
  { commitsAtOnce }: Pick<InsertOptions, "commitsAtOnce">,
): Promise<Requeued | null> {
  const { rows } = await db.query(RUN_NOW, [id, !commitsAtOnce]);
  return (rows as Requeued[])[0] ?? null;
}
