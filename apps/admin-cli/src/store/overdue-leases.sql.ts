import type { Pool } from "pg";

/** Claims whose leases ended long ago. */
export interface OverdueLeases {
  readonly claims: number;
  /** How long ago the first of the leases ended, in ms; null without such claims. */
  readonly oldestMs: number | null;
}

/**
 * Guarantees: reads only.
 * Index: the index of claims on the ends of leases.
 * No row: never.
 */
const OVERDUE = `
  SELECT count(*)::int AS claims, (extract(epoch FROM now() - min(c.lease_until)) * 1000)::float8 AS "oldestMs"
  FROM millrace.claims c WHERE c.lease_until < now() - $1 * interval '1 ms'`;

/** Counts the claims whose leases ended more than `byMs` ago. */
export async function overdueLeases(pool: Pool, byMs: number): Promise<OverdueLeases> {
  const { rows } = await pool.query<OverdueLeases>(OVERDUE, [byMs]);
  return rows[0] ?? { claims: 0, oldestMs: null };
}
