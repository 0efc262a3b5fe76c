import { escapeIdentifier, type Pool } from "pg";

/** A statement that claims jobs, as pg_stat_statements has measured it. */
export interface ClaimStatement {
  readonly calls: number;
  readonly meanMs: number;
  readonly maxMs: number;
}

/**
 * Guarantees: reads only.
 * Index: the indexes of the catalog.
 * No row: the extension is not installed in this database, or this role may not use its schema.
 */
const EXTENSION = `
  SELECT n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname = 'pg_stat_statements' AND has_schema_privilege(n.oid, 'USAGE')`;

/**
 * Guarantees: reads only. A claim is the one statement that takes jobs from waiting_jobs and writes claims.
 * Index: none; reads the statistics of all statements.
 * No row: nobody has claimed since the statistics were reset, or this role may not see the statements.
 */
const claims = (schema: string) => `
  SELECT s.calls::float8 AS calls, s.mean_exec_time AS "meanMs", s.max_exec_time AS "maxMs"
  FROM ${escapeIdentifier(schema)}.pg_stat_statements s
  WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND s.query LIKE '%DELETE FROM millrace.waiting_jobs%' AND s.query LIKE '%INSERT INTO millrace.claims%'
  ORDER BY s.total_exec_time DESC LIMIT 5`;

/** Returns the statements that claim jobs; null if the server has no statistics of statements. */
export async function claimStatements(pool: Pool): Promise<ClaimStatement[] | null> {
  const { rows } = await pool.query<{ schema: string }>(EXTENSION);
  const [extension] = rows;
  if (extension === undefined) return null;
  try {
    return (await pool.query<ClaimStatement>(claims(extension.schema))).rows;
  } catch {
    // The extension is installed, and the server has not loaded its library.
    return null;
  }
}
