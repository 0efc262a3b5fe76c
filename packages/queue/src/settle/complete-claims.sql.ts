import { type Executor, queryPrepared } from "@millrace/base";
import { lockTimeout } from "../job/lock-policy.sql.ts";
import { UNPACKED } from "../job/places.sql.ts";
import { toState } from "../job/transitions.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";

const { cte, join } = lockTimeout("wait briefly");

/**
 * Guarantees: completes a claim only as a whole, and only if all its jobs still run in it: the claim has the given
 * number of jobs, the given job is one of them, and no job has left. Waits briefly for locked claims.
 * Index: claims_pkey.
 * No row: nothing was changed about this claim.
 */
const COMPLETE_CLAIMS = `
  WITH ${cte}closed AS (
    DELETE FROM millrace.claims c
    USING ${join}unnest($1::bigint[], $2::uuid[], $3::int[]) AS given(lease_token, id, jobs)
    WHERE c.lease_token = given.lease_token AND c.open IS NULL AND cardinality(c.ids) = given.jobs
      AND given.id = ANY(c.ids)
    RETURNING c.*
  ), jobs AS (
    SELECT c.lease_token, c.worker_id, c.queue, c.priority, c.begun_at AS last_run_at, job.*
    FROM closed AS c, LATERAL ${UNPACKED} AS job
  ), ${endJobs({
    relation: "jobs",
    set: { state: toState("complete"), ended_at: "now()" },
    named: { relation: "closed", id: { array: "r.ids" }, hasKeys: "r.idempotency_keys IS NOT NULL" },
  })}
  SELECT lease_token FROM closed`;

/** A claim, named by its token and one of its jobs, and how many jobs it has. */
export interface WholeClaim {
  leaseToken: number;
  id: string;
  jobs: number;
}

/** Completes all jobs of claims. Returns the tokens of the completed claims. */
export async function completeClaims(db: Executor, whole: readonly WholeClaim[]): Promise<Set<number>> {
  const { rows } = await queryPrepared(db, "millrace_complete_claims_2", [
    COMPLETE_CLAIMS,
    [
      whole.map((claim) => claim.leaseToken),
      whole.map((claim) => claim.id),
      whole.map((claim) => claim.jobs),
    ],
  ]);
  return new Set((rows as { lease_token: string }[]).map((row) => Number(row.lease_token)));
}
