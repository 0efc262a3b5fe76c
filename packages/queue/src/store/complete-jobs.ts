import type { Lease } from "../domain/job.ts";
import { fromGuard, toState } from "../domain/transitions.ts";
import { GIVEN_LEASES, HOLDS_LEASE, inIdOrder, leaseArrays, refusedOf } from "./lease-arrays.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: only a run that still holds its lease is completed. Index: the primary key. A missing row means:
 * the lease was lost, and nothing was changed.
 */
const COMPLETE = `
  UPDATE millrace.jobs j
  SET state = ${toState("complete")}, completed_at = now(), lease_until = NULL, updated_at = now()
  FROM ${GIVEN_LEASES}
  WHERE ${HOLDS_LEASE} AND ${fromGuard("complete")}
  RETURNING j.id`;

/** Completes runs. Returns those refused because their lease was lost. */
export async function completeJobs(db: Executor, leases: readonly Lease[]): Promise<Lease[]> {
  const { rows } = await db.query(COMPLETE, leaseArrays(inIdOrder(leases)));
  return refusedOf(leases, rows);
}
