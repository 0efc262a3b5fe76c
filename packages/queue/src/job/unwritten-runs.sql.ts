import type { Executor } from "@millrace/base";
import { type IfLocked, leaseArrays, refusedOf, runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";
import { rowGuard } from "./transitions.ts";

/** Guarantees: reads only. Index: the primary key, run by run. A missing row means: the lease was lost. */
const STILL_HELD = `
  SELECT given.id, given.lease_token
  FROM unnest($1::uuid[], $2::bigint[]) AS given(id, lease_token), LATERAL (
    SELECT FROM millrace.jobs j
    WHERE j.id = given.id AND j.lease_token = given.lease_token AND ${rowGuard("complete")}
    LIMIT 1
  ) AS run`;

/** What a fenced write did not change. */
export interface PassedOver {
  /** Runs whose lease was lost. */
  refused: Lease[];
  /** Runs that hold their lease, but whose row was locked and passed over: nobody can take them while it is. */
  locked: Lease[];
}

/** Tells, of the runs that such a write left out, which lost their lease and which were locked. */
export async function toldApart(db: Executor, leftOut: readonly Lease[]): Promise<PassedOver> {
  if (leftOut.length === 0) return { refused: [], locked: [] };
  const { rows } = await db.query(STILL_HELD, leaseArrays(leftOut));
  const refused = refusedOf(leftOut, rows);
  const lost = new Set(refused.map(runKey));
  return { refused, locked: leftOut.filter((lease) => !lost.has(runKey(lease))) };
}

/** The same of a write that may have waited for locked rows instead: what it left out, it refused. */
export async function leftOut(
  db: Executor,
  unwritten: readonly Lease[],
  ifLocked: IfLocked,
): Promise<PassedOver> {
  return ifLocked === "wait" ? { refused: [...unwritten], locked: [] } : toldApart(db, unwritten);
}
