import type { Pool } from "pg";

/**
 * Returns the time by the database's clock. "2h ago" on a command line and "3 min ago" in its answer count from this
 * instant.
 *
 * Guarantees: reads only.
 * Index: none.
 * No row: never.
 */
export async function readClock(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>("SELECT clock_timestamp() AS now");
  return rows[0]?.now ?? new Date(Number.NaN);
}
