import type { Executor } from "@millrace/base";
import { heldRuns, leaseArrays } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";

/**
 * Guarantees: a run that still holds its lease has begun, and recovery charges its crash to the job from now on. Skips
 * a locked claim. The commit does not wait for the disk: if the server loses it, at worst one crash is not counted.
 * Index: claims_pkey.
 * No row: nothing was changed. The lease was lost, or another transaction has locked the claim.
 *
 * The whole claim is marked as begun, because a suspect is alone in its claim.
 */
const BEGIN = `${heldRuns({ policy: "skip", withJobs: false })}, unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  )
  UPDATE millrace.claims c SET begun_at = now(), updated_at = now()
  FROM held, unsynced WHERE c.lease_token = held.lease_token AND c.id = held.claim_id
  RETURNING held.id`;

/** Records that a run begins whose claim was recorded as not begun. Returns false if the run may not begin. */
export async function beginRun(db: Executor, lease: Lease): Promise<boolean> {
  const { rows } = await db.query(BEGIN, leaseArrays([lease]));
  return rows.length > 0;
}
