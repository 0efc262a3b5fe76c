import type pg from "pg";

/** Returns how many bytes of write-ahead log the server has written since it was made. */
export async function walPosition(db: Pick<pg.Client, "query">): Promise<number> {
  const { rows } = await db.query<{ bytes: string }>(
    "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS bytes",
  );
  return Number(rows[0]?.bytes);
}
