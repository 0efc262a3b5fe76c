import type { z } from "@hono/zod-openapi";
import type { WorkerRun, WorkerStatus } from "@millrace/queue";
import { workerList, type workerRow } from "../contract/worker.ts";
import { iso } from "../iso.ts";
import { type ApiParts, define } from "../operation.ts";

/** How many runs of a worker are shown. */
const RUNS_MAX = 20;

/** Adds the operations on workers. */
export function addWorkers(parts: ApiParts): void {
  define(
    parts,
    {
      route: "GET /workers",
      tag: "workers",
      summary: "List workers",
      description:
        "Returns the workers by their ids, each with the runs that began first: at most 20. A worker that died is " +
        "listed for 10 minutes, or for as long as it has claims.",
      answer: workerList,
    },
    async ({ access }) => {
      const queue = parts.context.queue(access);
      const workers = await queue.workers();
      const busy = workers.filter(({ running }) => running > 0).map(({ id }) => id);
      const runs = busy.length === 0 ? [] : await queue.runsOf(busy, { limit: RUNS_MAX });
      const runsOf = (id: string) => runs.filter(({ workerId }) => workerId === id);
      return { workers: workers.map((worker) => workerAnswer(worker, runsOf(worker.id))) };
    },
  );
}

function workerAnswer(worker: WorkerStatus, runs: readonly WorkerRun[]): z.infer<typeof workerRow> {
  const { completed, failed, canceled, retried, refused } = worker.counts;
  return {
    ...worker,
    queues: [...worker.queues],
    types: [...worker.types],
    pausedAt: iso(worker.pausedAt),
    startedAt: iso(worker.startedAt),
    seenAt: iso(worker.seenAt),
    oldestRunAt: iso(worker.oldestRunAt),
    leaseUntil: iso(worker.leaseUntil),
    counts: { completed, failed, canceled, retried, refused },
    runs: runs.map(({ id, type, queue, attempts, lastRunAt, leaseUntil, cancelRequestedAt }) => ({
      ...{ id, type, queue, attempts },
      lastRunAt: iso(lastRunAt),
      leaseUntil: iso(leaseUntil),
      cancelRequestedAt: iso(cancelRequestedAt),
    })),
  };
}
