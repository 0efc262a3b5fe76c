import type { ClaimedJob } from "../domain/job.ts";
import { fromGuard, toState } from "../domain/transitions.ts";
import type { ClaimOptions } from "../queue.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: a job goes to one caller; locked rows are skipped, not waited for. Index: jobs_claimable_idx, in its
 * own order, queue by queue. No row means: nothing is due. The update goes by ctid: the rows are locked, so
 * theirs cannot change, and no second index look-up is paid.
 */
const CLAIM = `
  WITH due AS MATERIALIZED (
    SELECT picked.ctid
    FROM unnest($1::text[]) WITH ORDINALITY AS lane(queue, rank),
    LATERAL (
      SELECT j.ctid FROM millrace.jobs j
      WHERE ${fromGuard("claim")} AND j.queue = lane.queue AND j.run_at <= now()
      ORDER BY j.priority, j.run_at, j.id
      LIMIT $2
      FOR UPDATE SKIP LOCKED
    ) AS picked
    LIMIT $2
  )
  UPDATE millrace.jobs j
  SET state = ${toState("claim")}, lease_until = now() + $3 * interval '1 second',
      lease_token = j.lease_token + 1, attempts = j.attempts + 1, worker_id = $4,
      last_run_at = now(), updated_at = now()
  FROM due WHERE j.ctid = due.ctid AND ${fromGuard("claim")}
  RETURNING j.id, j.queue, j.type, j.payload, j.lease_token AS "leaseToken", j.attempts AS attempt,
            j.max_attempts AS "maxAttempts", j.crashes`;

/** Claims up to `limit` due jobs. Concurrent callers never receive the same run of a job. */
export async function claimJobs(db: Executor, options: ClaimOptions): Promise<ClaimedJob[]> {
  const { rows } = await db.query(CLAIM, [
    options.queues,
    options.limit,
    options.leaseSeconds,
    options.workerId,
  ]);
  return (rows as (Omit<ClaimedJob, "leaseToken"> & { leaseToken: string | number })[]).map((row) => ({
    ...row,
    leaseToken: Number(row.leaseToken),
  }));
}
