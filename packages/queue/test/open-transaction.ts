import type pg from "pg";

/** A transaction that a test keeps open; it is rolled back when the scope ends before it was ended. */
export interface OpenTransaction extends AsyncDisposable {
  readonly client: pg.PoolClient;
  /** Ends it, and gives its connection back. */
  end(statement: "COMMIT" | "ROLLBACK"): Promise<void>;
}

/** Begins a transaction on a connection of the pool. */
export async function openTransaction(pool: pg.Pool): Promise<OpenTransaction> {
  const client = await pool.connect();
  await client.query("BEGIN");
  let ended = false;
  async function end(statement: "COMMIT" | "ROLLBACK"): Promise<void> {
    if (ended) return;
    ended = true;
    await client.query(statement);
    client.release();
  }
  return { client, end, [Symbol.asyncDispose]: () => end("ROLLBACK") };
}

/** Begins one that has the claim of a running job locked, and so the job. */
export async function lockJob(pool: pg.Pool, id: string): Promise<OpenTransaction> {
  const transaction = await openTransaction(pool);
  await transaction.client.query("SELECT FROM millrace.claims WHERE $1 = ANY(ids) FOR UPDATE", [id]);
  return transaction;
}
