import type { Lease } from "../domain/job.ts";
import type { ExtendResult } from "../queue.ts";
import { heldRuns, inIdOrder, leaseArrays, refusedOf } from "./held-runs.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: only a run that still holds its lease gets more time. Index: the primary key. A missing row means:
 * the lease was lost, and nothing was changed.
 */
const EXTEND = `${heldRuns("complete")}
  UPDATE millrace.jobs j
  SET lease_until = now() + $3 * interval '1 second', updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id, j.cancel_requested_at IS NOT NULL AS "cancelRequested"`;

/** Extends leases to `leaseSeconds` from now by the database's clock; also tells which are to be canceled. */
export async function extendLeases(
  db: Executor,
  leases: readonly Lease[],
  leaseSeconds: number,
): Promise<ExtendResult> {
  const { rows } = await db.query(EXTEND, [...leaseArrays(inIdOrder(leases)), leaseSeconds]);
  const canceled = new Set(
    (rows as { id: string; cancelRequested: boolean }[])
      .filter((row) => row.cancelRequested)
      .map((row) => row.id),
  );
  return {
    refused: refusedOf(leases, rows),
    cancelRequested: leases.filter((lease) => canceled.has(lease.id)),
  };
}
