import type { Executor } from "@millrace/base";
import type { ExtendResult } from "../job/extend-result.ts";
import {
  heldRuns,
  inIdOrder,
  leaseArrays,
  leaseOf,
  leasesWithoutRow,
  runKey,
  type WrittenRow,
} from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { unwrittenRuns } from "../job/unwritten-runs.sql.ts";

/**
 * Guarantees: only a run that still holds its lease gets more time, and no run gets less. Index: the primary key.
 * Locked rows are skipped: a handler that completes its job in a long transaction must not keep a worker's other leases
 * from being renewed. A missing row means: the row is locked, or the lease was lost.
 */
const EXTEND = `${heldRuns({ policy: "skip" })}
  UPDATE millrace.jobs j
  SET lease_until = greatest(j.lease_until, now() + $3 * interval '1 second'), updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id, j.lease_token, j.cancel_requested_at IS NOT NULL AS "cancelRequested"`;

/**
 * Extends leases to at least `leaseSeconds` from now by the database's clock. Also returns the runs whose cancel was
 * requested. A run whose row is locked is not refused: nobody can take it while the lock lasts.
 */
export async function extendLeases(
  db: Executor,
  leases: readonly Lease[],
  leaseSeconds: number,
): Promise<ExtendResult> {
  const ordered = inIdOrder(leases);
  const extended = await db.query(EXTEND, [...leaseArrays(ordered), leaseSeconds]);
  const unwritten = await unwrittenRuns(db, leasesWithoutRow(ordered, extended.rows), "skip");
  const canceled = new Set(
    (extended.rows as (WrittenRow & { cancelRequested: boolean })[])
      .filter((row) => row.cancelRequested)
      .map((row) => runKey(leaseOf(row))),
  );
  return {
    ...unwritten,
    cancelRequested: leases.filter((lease) => canceled.has(runKey(lease))),
  };
}
