import type { Pool } from "pg";

/** How a table of the schema is doing. */
export interface TableHealth {
  readonly table: string;
  /** Estimates of the server's statistics. */
  readonly liveRows: number;
  readonly deadRows: number;
  /** How long ago the table was vacuumed last, in ms; null if it never was. */
  readonly vacuumedMs: number | null;
  /** Whether autovacuum is switched off for the table, or for the table of its long values. */
  readonly autovacuumOff: boolean;
  /** How many transactions ago the table's oldest rows were written. */
  readonly age: number;
}

/** An index that PostgreSQL does not use, because its build failed. */
export interface InvalidIndex {
  readonly index: string;
  readonly table: string;
}

/**
 * Guarantees: reads only.
 * Index: none; reads the catalog and the statistics of tables.
 * No row: the schema has no tables.
 */
const TABLES = `
  SELECT c.relname AS "table", coalesce(s.n_live_tup, 0)::float8 AS "liveRows",
         coalesce(s.n_dead_tup, 0)::float8 AS "deadRows",
         (extract(epoch FROM now() - greatest(s.last_vacuum, s.last_autovacuum)) * 1000)::float8 AS "vacuumedMs",
         EXISTS (SELECT FROM pg_class r, pg_options_to_table(r.reloptions) o
                 WHERE r.oid IN (c.oid, c.reltoastrelid) AND o.option_name = 'autovacuum_enabled'
                   AND o.option_value IN ('off', 'false', 'no', '0')) AS "autovacuumOff",
         age(c.relfrozenxid)::float8 AS age
  FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
  WHERE c.relnamespace = to_regnamespace('millrace') AND c.relkind = 'r'
  ORDER BY c.relname`;

/**
 * Guarantees: reads only. Leaves out indexes that are being built.
 * Index: none; reads the catalog.
 * No row: every index is valid.
 */
const INVALID_INDEXES = `
  SELECT i.relname AS "index", c.relname AS "table"
  FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
  LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = x.indexrelid
  WHERE c.relnamespace = to_regnamespace('millrace') AND NOT (x.indisvalid AND x.indisready) AND p.pid IS NULL
  ORDER BY 1`;

/** Returns how the tables of the schema are doing. */
export async function readTableHealth(pool: Pool): Promise<TableHealth[]> {
  return (await pool.query<TableHealth>(TABLES)).rows;
}

/** Returns the indexes of the schema that PostgreSQL does not use. */
export async function readInvalidIndexes(pool: Pool): Promise<InvalidIndex[]> {
  return (await pool.query<InvalidIndex>(INVALID_INDEXES)).rows;
}
