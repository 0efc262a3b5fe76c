import { LISTEN_CHANNEL } from "./notice.ts";

/** An SQL condition: some worker sleeps. Alert workers claim without a notice. */
export const SOMEONE_SLEEPS = "EXISTS (SELECT FROM millrace.workers AS w WHERE w.asleep)";

/**
 * A CTE `notified` that sends one notice for each lane that got due jobs, if `always` is true or some worker sleeps.
 * `written` names a CTE with queue, priority and run_at. `always` is an SQL condition. The statement must use
 * `NOTIFIED`: otherwise PostgreSQL does not evaluate the CTE.
 */
export function notifySleepers(written: string, always: string): string {
  return `notified AS MATERIALIZED (
    SELECT pg_notify('${LISTEN_CHANNEL}', lane.priority || ':' || lane.queue)
    FROM (SELECT DISTINCT queue, priority FROM ${written} WHERE run_at <= now()) AS lane
    WHERE ${always} OR ${SOMEONE_SLEEPS}
  )`;
}

/** An SQL condition that is always true, and makes a statement evaluate its CTE `notified`. */
export const NOTIFIED = "(SELECT count(*) FROM notified) >= 0";
