import type { Pool } from "pg";

/** What the catalog says about a table and one of its columns. */
export interface TableColumn {
  /** `pg_class.relkind`: `r` is an ordinary table, `p` a partitioned one. */
  kind: string;
  /** Whether the schema is `millrace` or belongs to the system. */
  reserved: boolean;
  /** Null when the table has no such column. */
  columnType: string | null;
  /** Schema and table, quoted by PostgreSQL, for statements. */
  quotedTable: string;
  /** The column, quoted by PostgreSQL. Null when there is none. */
  quotedColumn: string | null;
}

/** Names exactly as the catalog has them: without quotes, in their own case. */
export interface TableColumnName {
  schema: string;
  table: string;
  column: string;
}

/**
 * Guarantees: the quoted names come from the catalog's values, so they name exactly this table and column.
 * Index: the unique indexes of the catalog.
 * No row: there is no relation (table, view, index) of this name.
 */
const FIND = `
  SELECT c.relkind AS "kind",
         n.nspname IN ('millrace', 'information_schema') OR n.nspname LIKE 'pg\\_%' AS "reserved",
         t.typname AS "columnType",
         format('%I.%I', n.nspname, c.relname) AS "quotedTable",
         quote_ident(a.attname) AS "quotedColumn"
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a
    ON a.attrelid = c.oid AND a.attname = $3::text AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typnamespace = 'pg_catalog'::regnamespace
  WHERE n.nspname = $1::text AND c.relname = $2::text`;

/** Looks up a table and a column in the catalog. Returns null when no relation has this name. */
export async function findTable(
  pool: Pool,
  { schema, table, column }: TableColumnName,
): Promise<TableColumn | null> {
  const { rows } = await pool.query<TableColumn>(FIND, [schema, table, column]);
  return rows[0] ?? null;
}
