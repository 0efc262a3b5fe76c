import type { Pool } from "pg";

/** Which rows to delete. The names are quoted by `findTable`. */
export interface OldRows {
  quotedTable: string;
  quotedColumn: string;
  olderThanMs: number;
  limit: number;
}

/**
 * Deletes up to `limit` rows older than an age by the database's clock, in one transaction. Returns how many rows it
 * deleted. Keeps rows whose column is null.
 *
 * Guarantees: when another transaction changes a row during the statement, the row's new value decides, because the
 * DELETE checks the age again.
 * Index: an index on the column, if there is one, finds the rows. The DELETE uses the row's physical address together
 * with its table's id, because each partition and each inheriting table has its own addresses.
 * No row: no row is old enough, or other transactions are deleting the old rows.
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
