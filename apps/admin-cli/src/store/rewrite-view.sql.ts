import type { Pool } from "pg";

/**
 * Returns how this server writes the query of a view; null if the role may not make a temporary view, or the query
 * cannot run in this database.
 *
 * Guarantees: changes nothing: the transaction that makes the view is rolled back. Names are written with their schema,
 * as `readCatalog` writes them.
 * Index: none.
 * No row: never.
 */
export async function rewriteView(pool: Pool, definition: string): Promise<string | null> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SET LOCAL search_path = pg_catalog");
    await client.query(`CREATE TEMPORARY VIEW millrace_doctor AS ${definition}`);
    const { rows } = await client.query<{ definition: string }>(
      "SELECT pg_get_viewdef('pg_temp.millrace_doctor'::regclass) AS definition",
    );
    return rows[0]?.definition ?? null;
  } catch {
    return null;
  } finally {
    const broken = await client.query("ROLLBACK").then(
      () => false,
      () => true,
    );
    client.release(broken);
  }
}
