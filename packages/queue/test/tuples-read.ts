import type { OpenTransaction } from "./open-transaction.ts";

/**
 * How many rows of a table the transaction's connection has read since PostgreSQL last reported its statistics. Only
 * the difference of two calls says something.
 */
export async function tuplesRead({ client }: OpenTransaction, table: string): Promise<number> {
  const { rows } = await client.query(
    `SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables
     WHERE schemaname = 'millrace' AND relname = $1`,
    [table],
  );
  return rows[0].read;
}
