import type { Lease } from "../domain/job.ts";
import { rowGuard } from "../domain/transitions.ts";
import { leaseArrays, refusedOf } from "./held-runs.ts";
import type { Executor } from "./queryable.ts";

/** Guarantees: reads only. Index: the primary key, run by run. A missing row means: the lease was lost. */
const STILL_HELD = `
  SELECT given.id
  FROM unnest($1::uuid[], $2::bigint[]) AS given(id, lease_token), LATERAL (
    SELECT FROM millrace.jobs j
    WHERE j.id = given.id AND j.lease_token = given.lease_token AND ${rowGuard("complete")}
    LIMIT 1
  ) AS run`;

/** What a write that passes over locked rows did not change. */
export interface PassedOver {
  /** Runs whose lease was lost. */
  refused: Lease[];
  /** Runs that hold their lease, but whose row another transaction had locked: nobody can take them meanwhile. */
  locked: Lease[];
}

/** Tells, of the runs that such a write left out, which lost their lease and which were locked. */
export async function toldApart(db: Executor, leftOut: readonly Lease[]): Promise<PassedOver> {
  if (leftOut.length === 0) return { refused: [], locked: [] };
  const { rows } = await db.query(STILL_HELD, leaseArrays(leftOut));
  const refused = refusedOf(leftOut, rows);
  const lost = new Set(refused.map((lease) => lease.id));
  return { refused, locked: leftOut.filter((lease) => !lost.has(lease.id)) };
}
