import type { EnqueueObserver } from "./enqueue-observer.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import type { IdentifiedInsert } from "./insert-jobs.sql.ts";

/** What is done with each job once it is checked. */
export type Mark = (insert: IdentifiedInsert) => IdentifiedInsert;

/** Enqueues many jobs, and tells the observer of the new ones. `write` marks each job once it is checked. */
export async function observedMany(
  observer: EnqueueObserver,
  mark: Mark | undefined,
  write: (mark: Mark) => Promise<EnqueueResult[]>,
): Promise<EnqueueResult[]> {
  const queues: string[] = [];
  const results = await write((insert) => {
    queues.push(insert.queue);
    return mark === undefined ? insert : mark(insert);
  });
  for (const [queue, count] of newByQueue(queues, results)) observer.enqueued?.(queue, count);
  return results;
}

/** How many of the results are new jobs, by queue. The results are in the order of the jobs. */
function newByQueue(queues: readonly string[], results: readonly EnqueueResult[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [at, { outcome }] of results.entries()) {
    const queue = queues[at];
    if (outcome === "enqueued" && queue !== undefined) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  }
  return counts;
}
