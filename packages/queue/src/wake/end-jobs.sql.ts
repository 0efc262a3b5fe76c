import { insertFrom } from "../job/places.sql.ts";
import { LISTEN_CHANNEL } from "./notice.ts";
import { SOMEONE_SLEEPS } from "./notify-sleepers.sql.ts";

/** The channel on which whoever waits for a job's end is told the job's id. */
export const ENDED_CHANNEL = "millrace_ended";

/** The jobs that a statement ends or deletes, as rows `r` of a relation. */
export interface LeavingJobs {
  relation: string;
  /** SQL for the id of a row's job, or for the array of the ids of a row's jobs. */
  id: string | { array: string };
  /** SQL for whether a row may have a job with a key. Only such a job can have a follower. */
  hasKeys: string;
}

/** Which jobs a statement ends, for `endJobs`. */
export interface EndedJobs {
  /** The relation of the jobs, with a job's columns. */
  relation: string;
  /** SQL for the columns that change, in which `r` is the relation's row. */
  set: Readonly<Record<string, string>>;
  /** The name of the first of the CTEs. Default `ended`. */
  name?: string;
  /** What the first CTE returns. */
  returning?: string;
  /** The same jobs in another relation, from which their ids are read. Then `relation` is read only once. */
  named?: LeavingJobs;
}

/**
 * The CTEs that end jobs: each job goes to `ended_jobs`; whoever waits for its end is told; and a job of the same key
 * that waits for its end is due. Every statement that ends jobs has these CTEs.
 */
export function endJobs({ relation, set, name = "ended", returning = "", named }: EndedJobs): string {
  const jobs = named ?? { relation, id: "r.id", hasKeys: "r.idempotency_key IS NOT NULL" };
  return `${name} AS (
    ${insertFrom("ended_jobs", relation, set)} ${returning}
  ), ${tellOfLeaving(name, jobs)}`;
}

/**
 * The CTEs that tell of jobs that end or are deleted: whoever waits for such a job is notified, and its follower is due
 * (see `followJobs`). `name` begins the names of the CTEs.
 *
 * Each follower is looked up by waiting_jobs_after_idx. A locked follower stays as it is, and the recovery loop frees
 * it later: a transaction that replaces a follower and stays open must not delay those who end jobs.
 */
export function tellOfLeaving(name: string, { relation, id, hasKeys }: LeavingJobs): string {
  const [leaving, leavingText] =
    typeof id === "string" ? [id, `${id}::text`] : [`ANY(${id.array})`, `ANY(${id.array}::text[])`];
  return `${name}_told AS (
    DELETE FROM millrace.job_waits w USING ${relation} AS r WHERE w.job_id = ${leaving}
    RETURNING pg_notify('${ENDED_CHANNEL}', w.job_id::text)
  ), ${name}_followers AS MATERIALIZED (
    SELECT follower.id FROM ${relation} AS r, LATERAL (
      SELECT w.id FROM millrace.waiting_jobs w
      WHERE (w.settings ->> 'after') IS NOT NULL AND (w.settings ->> 'after') = ${leavingText}
      FOR UPDATE SKIP LOCKED
    ) AS follower
    WHERE ${hasKeys}
  ), ${name}_freed AS (
    UPDATE millrace.waiting_jobs w SET ${FREED}
    FROM ${name}_followers AS follower WHERE w.id = follower.id
    RETURNING CASE WHEN ${SOMEONE_SLEEPS} THEN pg_notify('${LISTEN_CHANNEL}', w.priority || ':' || w.queue) END
  )`;
}

/** What changes in a follower `w` that need not wait any longer. */
export const FREED = "run_at = now(), updated_at = now(), settings = nullif(w.settings - 'after', '{}')";
