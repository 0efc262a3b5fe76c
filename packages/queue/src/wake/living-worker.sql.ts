/** A worker writes its row every 10 s. A worker that has not done so for three times as long counts as gone. */
export const LIVING_FOR = "interval '30 seconds'";

/** An SQL condition: a living worker claims from this queue and has a task for this type. Both arguments are SQL. */
export function hasLivingWorker(queue: string, type: string): string {
  return `EXISTS (
    SELECT FROM millrace.workers w
    WHERE w.seen_at > now() - ${LIVING_FOR} AND ${queue} = ANY(w.queues) AND ${type} = ANY(w.types))`;
}
