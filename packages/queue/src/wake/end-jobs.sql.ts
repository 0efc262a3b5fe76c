import { insertFrom } from "../job/places.sql.ts";
import { LISTEN_CHANNEL } from "./notice.ts";
import { SOMEONE_SLEEPS } from "./notify-sleepers.sql.ts";

/** The channel on which whoever waits for a job's end is told the job's id. */
export const ENDED_CHANNEL = "millrace_ended";

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
  /** Another relation `r` of the same jobs, and whether `r` has a job. Then `relation` is read only once. */
  named?: { relation: string; has: (id: string) => string; hasKeys: string };
}

/**
 * The CTEs that end jobs: each job goes to `ended_jobs`; whoever waits for its end is told; and a job of the same key
 * that waits for its end is due. Every statement that ends jobs does it by these CTEs.
 */
export function endJobs({ relation, set, name = "ended", returning = "", named }: EndedJobs): string {
  const by = named ?? {
    relation,
    has: (id: string) => `${id} = r.id`,
    hasKeys: "r.idempotency_key IS NOT NULL",
  };
  return `${name} AS (
    ${insertFrom("ended_jobs", relation, set)} ${returning}
  ), ${name}_told AS (
    DELETE FROM millrace.job_waits w USING ${by.relation} AS r WHERE ${by.has("w.job_id")}
    RETURNING pg_notify('${ENDED_CHANNEL}', w.job_id::text)
  ), ${name}_freed AS (
    UPDATE millrace.waiting_jobs w SET run_at = now(), updated_at = now(), settings = nullif(w.settings - 'after', '{}')
    FROM ${by.relation} AS r
    WHERE ${by.hasKeys} AND (w.settings ->> 'after') IS NOT NULL AND ${by.has("(w.settings ->> 'after')::uuid")}
    RETURNING CASE WHEN ${SOMEONE_SLEEPS} THEN pg_notify('${LISTEN_CHANNEL}', w.priority || ':' || w.queue) END
  )`;
}
