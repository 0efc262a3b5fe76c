import type { WorkerStatus } from "@millrace/queue";
import type { CommandDatabase } from "../command-host.ts";
import { longestRunning, type RunningSample } from "../store/longest-running.sql.ts";
import { type FailureSample, recentFailures } from "../store/recent-failures.sql.ts";
import { type QueueSample, sampleQueues } from "../store/sample-queues.sql.ts";
import { boundaryAt, type QueuesAt, ratesBetween } from "./queue-rates.ts";

/** How many running jobs and failures a frame shows. */
const RUNNING_SHOWN = 10;
const FAILURES_SHOWN = 5;

/** What `top` shows at one instant. */
export interface TopFrame extends QueuesAt {
  /** How many jobs of each queue ended for each second since the frame before; null for the first frame. */
  readonly rates: ReadonlyMap<string, number> | null;
  readonly workers: readonly WorkerStatus[];
  readonly running: readonly RunningSample[];
  readonly failures: readonly FailureSample[];
}

/** Reads a frame. `before` is the frame before, if there was one. */
export async function readTopFrame(
  { pool, queue, now }: Pick<CommandDatabase, "pool" | "queue" | "now">,
  before: QueuesAt | null,
): Promise<TopFrame> {
  const queues = await sampleQueues(pool, {
    first: before === null ? null : boundaryAt(before.at),
    second: boundaryAt(now),
  });
  return {
    at: now,
    queues,
    rates: before === null ? null : ratesBetween(before, { at: now, queues }),
    workers: await queue.workers(),
    running: await longestRunning(pool, RUNNING_SHOWN),
    failures: await recentFailures(pool, FAILURES_SHOWN),
  };
}

/** A frame in JSON output. The keys are documented and stay; later releases may add keys. */
export function topJson({ at, queues, rates, workers, running, failures }: TopFrame) {
  return {
    at,
    queues: queues.map((sample) => ({
      ...queueJson(sample),
      endedPerSecond: rates?.get(sample.queue) ?? null,
    })),
    workers: countWorkers(workers),
    running: running.map(({ id, queue, type, workerId, lastRunAt }) => ({
      id,
      queue,
      type,
      workerId,
      lastRunAt,
    })),
    failures: failures.map(({ id, queue, type, failedAt, error }) => ({ id, queue, type, failedAt, error })),
  };
}

/** Counts the workers: those that are awake, those that wait for work, and those that were not seen for 30 s. */
export function countWorkers(workers: readonly WorkerStatus[]) {
  const alive = workers.filter((worker) => worker.alive);
  const asleep = alive.filter((worker) => worker.asleep).length;
  return { awake: alive.length - asleep, asleep, gone: workers.length - alive.length };
}

function queueJson({ queue, pausedAt, queued, running, due, oldestDueMs }: QueueSample) {
  return { queue, pausedAt, queued, running, due, oldestDueMs };
}
