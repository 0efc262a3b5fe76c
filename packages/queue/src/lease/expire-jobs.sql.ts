import type { Executor } from "@millrace/base";
import { toState } from "../job/transitions.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";

/** The instant of a `startBy`, as text for people. */
const INSTANT = `to_char(to_timestamp((r.settings ->> 'startBy')::float8 / 1000) AT TIME ZONE 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * Guarantees: cancels queued jobs that had to start before now, those with the earliest `startBy` first. Locked jobs
 * stay. A claim takes no such job. A job that began has no `startBy` (see `STARTED_SETTINGS`).
 * Index: waiting_jobs_start_by_idx, up to now.
 * No row: no such job is queued, or other transactions have locked them all.
 */
const EXPIRE = `
  WITH found AS MATERIALIZED (
    SELECT j.id FROM millrace.waiting_jobs j
    WHERE (j.settings ->> 'startBy') IS NOT NULL
      AND (j.settings ->> 'startBy')::bigint <= (extract(epoch FROM now()) * 1000)::bigint
    ORDER BY (j.settings ->> 'startBy')::bigint
    LIMIT $1
    FOR UPDATE SKIP LOCKED
  ), expired AS (
    DELETE FROM millrace.waiting_jobs j USING found WHERE j.id = found.id RETURNING j.*
  ), ${endJobs({
    relation: "expired",
    set: {
      state: toState("expire"),
      ended_at: "now()",
      last_error: `'Not started by ' || ${INSTANT} || ': no worker claimed the job in time.'`,
    },
  })}
  SELECT id, queue FROM expired`;

/** Cancels up to `limit` jobs that did not start in time. Returns their ids and queues. */
export async function expireJobs(db: Executor, limit: number): Promise<{ id: string; queue: string }[]> {
  const { rows } = await db.query(EXPIRE, [limit]);
  return rows as { id: string; queue: string }[];
}
