import type { Executor } from "@millrace/base";
import { leaseArrays, leasesWithoutRow, runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";
import type { HeldPolicy } from "./lock-policy.sql.ts";
import { rowInState } from "./state-guards.sql.ts";

/** Guarantees: reads only. Index: the primary key, run by run. A missing row means: the lease was lost. */
const STILL_HELD = `
  SELECT given.id, given.lease_token
  FROM unnest($1::uuid[], $2::bigint[]) AS given(id, lease_token), LATERAL (
    SELECT FROM millrace.jobs j
    WHERE j.id = given.id AND j.lease_token = given.lease_token AND ${rowInState("running")}
    LIMIT 1
  ) AS run`;

/** The runs that a fenced write did not write, by the reason. */
export interface Unwritten {
  /** Runs whose lease was lost. */
  refused: Lease[];
  /** Runs that hold their lease, but whose row was locked and skipped: nobody can take them while it is locked. */
  locked: Lease[];
}

/**
 * Why a fenced write under `policy` did not write these runs. Only a write that skips locked rows leaves a doubt, and
 * asks the database.
 */
export async function unwrittenRuns(
  db: Executor,
  unwritten: readonly Lease[],
  policy: HeldPolicy,
): Promise<Unwritten> {
  if (policy !== "skip" || unwritten.length === 0) return { refused: [...unwritten], locked: [] };
  const { rows } = await db.query(STILL_HELD, leaseArrays(unwritten));
  const refused = leasesWithoutRow(unwritten, rows);
  const lost = new Set(refused.map(runKey));
  return { refused, locked: unwritten.filter((lease) => !lost.has(runKey(lease))) };
}
