import type { Pool, PoolClient } from "pg";

/**
 * Runs work in one READ COMMITTED transaction on a connection of a pool. Rolls back if the work throws, and throws the
 * error of the work.
 */
export async function inOneTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken = false;
  // If the connection is cut, the running statement fails. Without a listener, the error event would end the process.
  const onCut = () => {
    broken = true;
  };
  client.on("error", onCut);
  try {
    // READ COMMITTED: after the wait for the migration lock, this transaction must see the migrations that another
    // process has applied.
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // If the ROLLBACK fails, the connection is lost, and PostgreSQL rolls the transaction back itself.
    await client.query("ROLLBACK").catch(onCut);
    throw error;
  } finally {
    client.off("error", onCut);
    client.release(broken);
  }
}
