import type { Pool } from "pg";

/**
 * Guarantees: reads only. Returns the instant of the statement, by the database's clock.
 * Index: none.
 * No row: never.
 */
const NOW = `SELECT clock_timestamp() AS now`;

/** Returns the database's time. */
export async function databaseNow(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>(NOW);
  return rows[0]?.now ?? new Date(Number.NaN);
}
