import { LISTEN_CHANNEL } from "./notice.ts";

/** Whether anyone waits for a notification: who is busy or polls will look anyway. */
export const SOMEONE_SLEEPS = "EXISTS (SELECT FROM millrace.workers AS w WHERE w.asleep)";

/**
 * A CTE `told` that notifies once of each lane that got due jobs: `written` is a CTE with queue, priority and run_at,
 * `always` an SQL condition. A statement reads it by `TOLD`, or nothing runs it.
 */
export function toldOf(written: string, always: string): string {
  return `told AS MATERIALIZED (
    SELECT pg_notify('${LISTEN_CHANNEL}', lane.priority || ':' || lane.queue)
    FROM (SELECT DISTINCT queue, priority FROM ${written} WHERE run_at <= now()) AS lane
    WHERE ${always} OR ${SOMEONE_SLEEPS}
  )`;
}

/** Always true; makes a statement run its `told`. */
export const TOLD = "(SELECT count(*) FROM told) >= 0";
