/** A worker writes its row every 10 s. A worker that was not seen for three times as long counts as gone. */
const LIVING_FOR = "interval '30 seconds'";

/** An SQL condition: some living worker claims from this queue, and has a task for this type. */
export function hasLivingWorker(queue: string, type: string): string {
  return `EXISTS (
    SELECT FROM millrace.workers w
    WHERE w.seen_at > now() - ${LIVING_FOR} AND ${queue} = ANY(w.queues) AND ${type} = ANY(w.types))`;
}
