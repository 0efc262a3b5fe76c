import type { PoolClient } from "pg";

/**
 * Guarantees: reads only.
 * Index: none; reads the whole table of migrations.
 * No row: no migration was applied.
 */
const APPLIED = "SELECT created_at FROM millrace.migrations ORDER BY created_at";

/** Returns the instants that name the applied migrations, in their order. Empty if this role cannot read them. */
export async function readAppliedInstants(client: Pick<PoolClient, "query">): Promise<number[]> {
  const { rows } = await client.query<{ readable: boolean }>(
    "SELECT coalesce(has_table_privilege(to_regclass('millrace.migrations'), 'SELECT'), false) AS readable",
  );
  if (rows[0]?.readable !== true) return [];
  const applied = await client.query<{ created_at: string }>(APPLIED);
  return applied.rows.map((row) => Number(row.created_at));
}
