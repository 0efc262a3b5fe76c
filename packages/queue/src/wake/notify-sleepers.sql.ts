import { LISTEN_CHANNEL } from "./notice.ts";

/** Whether anyone waits for a notification: who is busy or polls will look anyway. */
export const SOMEONE_SLEEPS = "EXISTS (SELECT FROM millrace.workers AS w WHERE w.asleep)";

/**
 * A CTE `notified` that notifies once of each lane that got due jobs: `written` is a CTE with queue, priority and
 * run_at, `always` an SQL condition. A statement reads the CTE by `NOTIFIED`, or nothing runs it.
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
