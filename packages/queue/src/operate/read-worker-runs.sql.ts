import type { Executor } from "@millrace/base";
import { isOpen } from "../job/places.sql.ts";
import { toDate, toInstant } from "../job/row-to-job.ts";
import type { WorkerRun } from "./worker-run.ts";

/**
 * Guarantees: reads only. Returns at most $2 runs of each worker, those that began first. The runs of one claim are in
 * the order in which they were claimed.
 * Index: none for the claims, all of which are read; unpacks the claims of the workers. The primary key of
 * cancel_requests, run by run.
 * No row: none of the workers has a claim.
 */
const RUNS = `
  WITH held AS MATERIALIZED (
    SELECT * FROM (
      SELECT c.worker_id, job.id, job.type, c.queue, job.attempts, c.begun_at, c.lease_until, c.lease_token,
             job.ordinal,
             row_number() OVER (PARTITION BY c.worker_id ORDER BY c.begun_at, c.lease_token, job.ordinal, job.id) AS nth
      FROM millrace.claims c,
           LATERAL unnest(c.ids, c.types, c.attempts) WITH ORDINALITY AS job(id, type, attempts, ordinal)
      WHERE c.worker_id = ANY($1::text[]) AND ${isOpen("job.ordinal")}
    ) AS numbered WHERE nth <= $2
  )
  SELECT held.*, (SELECT r.requested_at FROM millrace.cancel_requests r WHERE r.job_id = held.id) AS requested_at
  FROM held ORDER BY held.worker_id, held.nth`;

interface Row {
  worker_id: string;
  id: string;
  type: string;
  queue: string;
  attempts: number;
  begun_at: unknown;
  lease_until: unknown;
  requested_at: unknown;
}

/** Returns the runs of workers, by worker. */
export async function readWorkerRuns(
  db: Executor,
  workerIds: readonly string[],
  limit: number,
): Promise<WorkerRun[]> {
  const { rows } = await db.query(RUNS, [workerIds, limit]);
  return (rows as Row[]).map((row) => ({
    workerId: row.worker_id,
    id: row.id,
    type: row.type,
    queue: row.queue,
    attempts: row.attempts,
    lastRunAt: toDate(row.begun_at),
    leaseUntil: toInstant(row.lease_until),
    cancelRequestedAt: toDate(row.requested_at),
  }));
}
