import type { Pool } from "pg";

/** The table the demo prunes. */
export const DEMO_TABLE = { schema: "demo", table: "page_views", column: "seen_at" } as const;

/** Fills the demo's table with `count` rows, one a day into the past. What an earlier start left is replaced. */
export async function resetDemoRows(pool: Pool, count: number): Promise<void> {
  await pool.query(`
    CREATE SCHEMA IF NOT EXISTS demo;
    CREATE TABLE IF NOT EXISTS demo.page_views (path text NOT NULL, seen_at timestamptz NOT NULL);
    TRUNCATE demo.page_views`);
  await pool.query(
    `INSERT INTO demo.page_views SELECT '/page/' || day, now() - day * interval '1 day'
     FROM generate_series(0, $1::int - 1) AS day`,
    [count],
  );
}

/** How many rows the demo's table has. */
export async function countDemoRows(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>("SELECT count(*)::int AS count FROM demo.page_views");
  return rows[0]?.count ?? 0;
}
