import type { Pool } from "pg";

/** Whether the database was migrated at all; not whether it was migrated to this release. */
export async function hasJobsTable(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ there: boolean }>(
    "SELECT to_regclass('millrace.jobs') IS NOT NULL AS there",
  );
  return rows[0]?.there === true;
}
