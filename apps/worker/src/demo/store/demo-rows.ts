import type { Pool } from "pg";

/** The table that the demo prunes. */
export const DEMO_TABLE = { schema: "demo", table: "page_views", column: "seen_at" } as const;

/**
 * Creates or empties the demo's table, then inserts `count` rows, one for each past day.
 *
 * Guarantees: the table exists and has exactly these rows.
 * Index: none.
 * No row: always; the statements return no rows.
 */
export async function resetDemoRows(pool: Pool, count: number): Promise<void> {
  await pool.query(`
    CREATE SCHEMA IF NOT EXISTS demo;
    CREATE TABLE IF NOT EXISTS demo.page_views (path text NOT NULL, seen_at timestamptz NOT NULL);
    TRUNCATE demo.page_views`);
  // `rows.prune` counts a day as 24 hours. A calendar day may have 23 or 25 hours.
  await pool.query(
    `INSERT INTO demo.page_views SELECT '/page/' || day, now() - day * interval '24 hours'
     FROM generate_series(0, $1::int - 1) AS day`,
    [count],
  );
}

/**
 * Counts the rows of the demo's table.
 *
 * Guarantees: reads only.
 * Index: none; reads the whole table.
 * No row: never.
 */
export async function countDemoRows(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>("SELECT count(*)::int AS count FROM demo.page_views");
  return rows[0]?.count ?? 0;
}
