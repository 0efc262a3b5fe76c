import { LISTEN_CHANNEL } from "./notice.ts";

/** Whether a worker waits for a notification: a worker that is busy or polls looks anyway. */
export const SOMEONE_SLEEPS = "EXISTS (SELECT FROM millrace.workers AS w WHERE w.asleep)";

/**
 * A CTE `notified` that sends one notice for each lane that got due jobs. `written` is a CTE with queue, priority and
 * run_at, `always` an SQL condition. A statement must read the CTE by `NOTIFIED`, or the CTE does not run.
 */
export function notifySleepers(written: string, always: string): string {
  return `notified AS MATERIALIZED (
    SELECT pg_notify('${LISTEN_CHANNEL}', lane.priority || ':' || lane.queue)
    FROM (SELECT DISTINCT queue, priority FROM ${written} WHERE run_at <= now()) AS lane
    WHERE ${always} OR ${SOMEONE_SLEEPS}
  )`;
}

/** Always true; makes a statement run its `notified`. */
export const NOTIFIED = "(SELECT count(*) FROM notified) >= 0";
