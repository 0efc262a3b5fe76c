import { type Executor, isLockTimeout } from "@millrace/base";
import { heldRuns, leaseArrays, leaveClaims } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";

/** The value of an optional column as the array of a claim with one job; NULL if there is no value. */
const one = (column: string) => `CASE WHEN run.${column} IS NOT NULL THEN ARRAY[run.${column}] END`;

/**
 * Guarantees: a run that shares its claim with other open runs gets a claim of its own, with the same token, worker and
 * lease. Waits briefly for a locked claim.
 * Index: claims_pkey.
 * No row: always. The statement returns no rows.
 *
 * The run's lease holds in the new claim, because the token stays the same.
 */
const SPLIT = `${heldRuns({ policy: "wait briefly" })}, shared AS MATERIALIZED (
    SELECT held.*, c.lease_until FROM held JOIN locked AS c ON c.lease_token = held.lease_token AND c.id = held.claim_id
    WHERE coalesce(cardinality(c.open), cardinality(c.ids)) > 1
  )${leaveClaims("shared")}
  INSERT INTO millrace.claims
    (lease_token, worker_id, queue, priority, lease_until, begun_at, ids, types, payloads, run_ats, created_ats,
     attempts, max_attempts, crashes, last_errors, idempotency_keys, schedule_ids, progress,
     settings)
  SELECT run.lease_token, run.worker_id, run.queue, run.priority, run.lease_until, run.last_run_at, ARRAY[run.id],
         ARRAY[run.type], ARRAY[run.payload], ARRAY[run.run_at], ARRAY[run.created_at], ARRAY[run.attempts],
         ARRAY[run.max_attempts], ARRAY[run.crashes], ${one("last_error")}, ${one("idempotency_key")},
         ${one("schedule_id")}, ${one("progress")}, ${one("settings")}
  FROM shared AS run`;

/**
 * Gives a run a claim of its own. Then a long transaction about the run, or a longer lease, does not affect the other
 * jobs of its old claim.
 *
 * Does nothing if the run has its own claim already, has lost its lease, or if another transaction keeps the claim
 * locked. Most such locks are short: other jobs of the claim end, or get claims of their own.
 */
export async function splitClaim(db: Executor, lease: Lease): Promise<void> {
  try {
    await db.query(SPLIT, leaseArrays([lease]));
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
  }
}
