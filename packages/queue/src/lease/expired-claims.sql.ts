import type { Executor } from "@millrace/base";
import { isOpen } from "../job/places.sql.ts";

/**
 * Guarantees: reads only.
 * Index: claims_lease_idx, up to now.
 * No row: no lease has run out.
 */
const EXPIRED = `
  SELECT c.id, c.lease_token, ARRAY(
           SELECT job.id FROM unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
           WHERE ${isOpen("job.ordinal")})::text[] AS jobs
  FROM millrace.claims c WHERE c.lease_until < now() ORDER BY c.lease_until LIMIT $1`;

/** A claim whose lease has run out. */
export interface ExpiredClaim {
  id: string;
  leaseToken: number;
  /** The ids of its jobs that are still open. */
  jobs: readonly string[];
}

/** Returns up to `limit` claims whose lease has run out, those that ran out first. */
export async function findExpiredClaims(db: Executor, limit: number): Promise<ExpiredClaim[]> {
  const { rows } = await db.query(EXPIRED, [limit]);
  return (rows as { id: string; lease_token: string | number; jobs: string[] }[]).map(
    ({ id, lease_token: token, jobs }) => ({ id, leaseToken: Number(token), jobs }),
  );
}
