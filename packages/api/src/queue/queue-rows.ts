import type { z } from "@hono/zod-openapi";
import type { MinuteCounts, QueueDepth, WorkerStatus } from "@millrace/queue";
import type { queueRow } from "../contract/queue.ts";
import { iso } from "../iso.ts";

/** The parts from which the rows of queues are made. */
export interface QueueParts {
  depths: readonly QueueDepth[];
  /** What workers counted in the last hour, by queue. */
  lastHour: ReadonlyMap<string, MinuteCounts>;
  workers: readonly WorkerStatus[];
}

const NO_COUNTS = { completed: 0, failed: 0, canceled: 0, retried: 0, crashed: 0, refused: 0 };

/** Returns one row for each queue that any of the parts knows, by name. */
export function queueRows({ depths, lastHour, workers }: QueueParts): z.infer<typeof queueRow>[] {
  const depthOf = new Map(depths.map((depth) => [depth.queue, depth]));
  const workersOf = new Map<string, number>();
  for (const { queues } of workers.filter(({ alive }) => alive)) {
    for (const queue of new Set(queues)) workersOf.set(queue, (workersOf.get(queue) ?? 0) + 1);
  }
  const names = new Set([...depthOf.keys(), ...lastHour.keys(), ...workersOf.keys()]);
  return [...names].sort().map((queue) => {
    const { queued, due, running, oldestDueMs, pausedAt, settings } = depthOf.get(queue) ?? emptyDepth(queue);
    const { completed, failed, canceled, retried, crashed, refused } = lastHour.get(queue) ?? NO_COUNTS;
    return {
      ...{ queue, queued, due, running, oldestDueMs },
      pausedAt: iso(pausedAt),
      settings: settings === null ? null : { ...settings },
      lastHour: { completed, failed, canceled, retried, crashed, refused },
      workers: workersOf.get(queue) ?? 0,
    };
  });
}

function emptyDepth(queue: string): QueueDepth {
  const none = { count: 0, capped: false };
  return { queue, queued: none, due: none, running: 0, oldestDueMs: null, pausedAt: null, settings: null };
}
