import type { Pool } from "pg";

/** A table and one of its columns, by the catalog. */
export interface TableColumn {
  /** `pg_class.relkind`: `r` is an ordinary table, `p` a partitioned one. */
  kind: string;
  /** Whether the schema is Millrace's or the system's. */
  reserved: boolean;
  /** Null when the table has no such column. */
  columnType: string | null;
  /** Schema and table, quoted by PostgreSQL, for statements. */
  quotedTable: string;
  /** The column, quoted by PostgreSQL. Null when there is none. */
  quotedColumn: string | null;
}

/** Names as they are in the catalog: no folding to lower case, no quotes. */
export interface TableColumnName {
  schema: string;
  table: string;
  column: string;
}

/**
 * Guarantees: the quoted names come from the catalog's own values, so they name that table and nothing else.
 * Uses the catalog's unique indexes. No row means there is no such table, view or index.
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

/** Looks a table and a column up. Null when there is no relation of that name. */
export async function findTable(
  pool: Pool,
  { schema, table, column }: TableColumnName,
): Promise<TableColumn | null> {
  const { rows } = await pool.query<TableColumn>(FIND, [schema, table, column]);
  return rows[0] ?? null;
}
