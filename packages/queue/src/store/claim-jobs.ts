import type { ClaimedPlace, ClaimLane } from "../domain/claim-lanes.ts";
import type { ClaimedJob } from "../domain/job.ts";
import { fromGuard, rowGuard, toState } from "../domain/transitions.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: a job goes to one caller; locked rows are skipped, not waited for. Index: jobs_claimable_idx, in its
 * own order, lane by lane, so that neither later jobs nor those of other lanes are read. No row means: nothing is
 * due. The update goes by ctid: the rows are locked, so theirs cannot change, and no second index look-up is paid.
 * The commit does not wait for the disk: a claim that is lost queues the job again, which is allowed.
 */
const CLAIM = `
  WITH unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  ), due AS MATERIALIZED (
    SELECT picked.ctid
    FROM unsynced,
    unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::uuid[])
      WITH ORDINALITY AS lane(queue, priority, run_at, id, rank),
    LATERAL (
      SELECT j.ctid FROM millrace.jobs j
      WHERE ${fromGuard("claim")} AND j.queue = lane.queue AND j.priority = lane.priority
        AND j.run_at <= now() AND (j.run_at, j.id) >= (lane.run_at, lane.id)
      ORDER BY j.run_at, j.id
      LIMIT $5
      FOR UPDATE SKIP LOCKED
    ) AS picked
    LIMIT $5
  )
  UPDATE millrace.jobs j
  SET state = ${toState("claim")}, lease_until = now() + $6 * interval '1 second',
      lease_token = j.lease_token + 1, attempts = j.attempts + 1, worker_id = $7,
      last_run_at = now(), updated_at = now()
  FROM due WHERE j.ctid = due.ctid AND ${rowGuard("claim")}
  RETURNING j.id, j.queue, j.type, j.payload, j.priority, j.lease_token AS "leaseToken", j.attempts AS attempt,
            j.max_attempts AS "maxAttempts", j.crashes, j.run_at::text AS "runAt"`;

/** Where a lane begins that has no place yet. */
const START = { runAt: "-infinity", id: "00000000-0000-0000-0000-000000000000" };

/** What to claim, for whom, for how long. */
export interface ClaimRequest {
  lanes: readonly ClaimLane[];
  limit: number;
  /** 5 to 3,600. */
  leaseSeconds: number;
  workerId: string;
}

/** Claims up to `limit` due jobs. Concurrent callers never receive the same run of a job. */
export async function claimJobs(db: Executor, request: ClaimRequest): Promise<(ClaimedJob & ClaimedPlace)[]> {
  if (request.lanes.length === 0) return [];
  const from = request.lanes.map((lane) => lane.from ?? START);
  const { rows } = await db.query(CLAIM, [
    request.lanes.map((lane) => lane.queue),
    request.lanes.map((lane) => lane.priority),
    from.map((place) => place.runAt),
    from.map((place) => place.id),
    request.limit,
    request.leaseSeconds,
    request.workerId,
  ]);
  const jobs = rows as (ClaimedJob & ClaimedPlace)[];
  // The driver gives a bigint as text.
  for (const job of jobs) job.leaseToken = Number(job.leaseToken);
  return jobs;
}
