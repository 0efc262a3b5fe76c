import type { Executor } from "@millrace/queue";

/**
 * Reads the database's clock: the start of the transaction.
 * Guarantees: reads no table.
 * Index: none.
 * No row: never; one row in every case.
 */
export async function readNow(db: Executor): Promise<Date> {
  const { rows } = await db.query("SELECT (extract(epoch FROM now()) * 1000)::float8 AS now_ms");
  const [row] = rows as { now_ms: number }[];
  return new Date(row?.now_ms ?? Number.NaN);
}
