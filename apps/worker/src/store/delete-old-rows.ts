import type { Pool } from "pg";

/** What to delete: names as `findTable` quoted them. */
export interface OldRows {
  quotedTable: string;
  quotedColumn: string;
  olderThanMs: number;
  limit: number;
}

/**
 * Deletes up to `limit` rows older than an age by the database's clock, in a transaction of its own; returns how
 * many. Rows whose column is null are kept.
 *
 * Guarantees: a row that is changed meanwhile is judged by its new value, since the age is checked again where the
 * row is deleted. Zero means that nothing that old is left, or that others are deleting it. Reads by an index on
 * the column if there is one, and deletes by physical address. The table's id belongs to that address: partitions
 * and inheriting tables have addresses of their own.
 */
export async function deleteOldRows(pool: Pool, rows: OldRows): Promise<number> {
  const { quotedTable, quotedColumn } = rows;
  const result = await pool.query(
    `WITH old AS MATERIALIZED (
       SELECT tableoid AS table_id, ctid AS row_address FROM ${quotedTable}
       WHERE ${quotedColumn} < now() - $1 * interval '1 ms' LIMIT $2
     )
     DELETE FROM ${quotedTable} AS target USING old
     WHERE target.ctid = old.row_address AND target.tableoid = old.table_id
       AND target.${quotedColumn} < now() - $1 * interval '1 ms'`,
    [rows.olderThanMs, rows.limit],
  );
  return result.rowCount ?? 0;
}
