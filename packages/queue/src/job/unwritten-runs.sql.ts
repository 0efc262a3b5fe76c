import type { Executor } from "@millrace/base";
import { leaseArrays, leasesWithoutRow, runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";
import { isOpen } from "./places.sql.ts";

/**
 * Guarantees: reads only.
 * Index: claims_pkey, claim by claim.
 * No row: the lease of this run was lost.
 */
const STILL_HELD = `
  SELECT given.id, given.lease_token
  FROM unnest($1::uuid[], $2::bigint[]) AS given(id, lease_token), LATERAL (
    SELECT FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
    WHERE c.lease_token = given.lease_token AND given.id = ANY(c.ids) AND job.id = given.id AND ${isOpen("job.ordinal")}
    LIMIT 1
  ) AS run`;

/** The runs that a fenced write did not write, by reason. */
export interface Unwritten {
  /** Runs whose lease was lost. */
  refused: Lease[];
  /**
   * Runs that hold their lease, but whose claim was locked and skipped, or was split meanwhile. Nobody can take a job
   * while its claim is locked.
   */
  locked: Lease[];
}

/** Asks the database why a fenced write did not write these runs. */
export async function unwrittenRuns(db: Executor, unwritten: readonly Lease[]): Promise<Unwritten> {
  if (unwritten.length === 0) return { refused: [], locked: [] };
  const { rows } = await db.query(STILL_HELD, leaseArrays(unwritten));
  const refused = leasesWithoutRow(unwritten, rows);
  const lost = new Set(refused.map(runKey));
  return { refused, locked: unwritten.filter((lease) => !lost.has(runKey(lease))) };
}
