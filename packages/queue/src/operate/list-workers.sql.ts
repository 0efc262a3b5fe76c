import type { Executor } from "@millrace/base";
import { toDate } from "../job/row-to-job.ts";
import { LIVING_FOR } from "../wake/living-worker.sql.ts";
import { noCounts, type OutcomeCounts } from "../wake/run-counts.ts";
import type { WorkerStatus } from "./worker-status.ts";

/**
 * Guarantees: reads only. Returns each worker once: a worker that has a row or a claim, or both.
 * Index: none; reads all rows of workers, and the job count of each claim.
 * No row: no worker has a row, and no job is running.
 */
const WORKERS = `
  SELECT worker_id, w.queues, w.types, w.release, w.concurrency, w.paused_at, w.started_at, w.seen_at,
         coalesce(w.seen_at > now() - ${LIVING_FOR}, false) AS alive, coalesce(w.asleep, false) AS asleep,
         coalesce(held.running, 0)::float8 AS running, held.oldest_run_at, held.lease_until,
         w.counts::text AS counts, coalesce(w.crashed, 0)::float8 AS crashed
  FROM millrace.workers w
  FULL JOIN (
    SELECT c.worker_id, sum(coalesce(cardinality(c.open), cardinality(c.ids))) AS running,
           min(c.begun_at) AS oldest_run_at, min(c.lease_until) AS lease_until
    FROM millrace.claims c GROUP BY c.worker_id
  ) AS held USING (worker_id)
  ORDER BY worker_id`;

interface Row {
  worker_id: string;
  queues: string[] | null;
  types: string[] | null;
  release: string | null;
  concurrency: number | null;
  paused_at: unknown;
  started_at: unknown;
  seen_at: unknown;
  alive: boolean;
  asleep: boolean;
  running: number;
  oldest_run_at: unknown;
  lease_until: unknown;
  /** JSON text; null without a row. */
  counts: string | null;
  crashed: number;
}

/** Returns the workers, by their ids. */
export async function listWorkers(db: Executor): Promise<WorkerStatus[]> {
  const { rows } = await db.query(WORKERS);
  return (rows as Row[]).map((row) => ({
    id: row.worker_id,
    queues: row.queues ?? [],
    types: row.types ?? [],
    release: row.release,
    concurrency: row.concurrency,
    pausedAt: toDate(row.paused_at),
    startedAt: toDate(row.started_at),
    seenAt: toDate(row.seen_at),
    alive: row.alive,
    asleep: row.asleep,
    running: row.running,
    oldestRunAt: toDate(row.oldest_run_at),
    leaseUntil: toDate(row.lease_until),
    counts: { ...noCounts(), ...(JSON.parse(row.counts ?? "{}") as Partial<OutcomeCounts>) },
    crashed: row.crashed,
  }));
}
