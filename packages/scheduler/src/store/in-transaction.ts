import type { Executor } from "@millrace/queue";

/** A connection of a pool, as a pg pool gives it. */
export interface PooledConnection extends Executor {
  release(destroy?: boolean): void;
  on(event: "error", listener: () => void): unknown;
  off(event: "error", listener: () => void): unknown;
}

/** What the scheduler needs of a pg pool: statements, and connections of its own for transactions. */
export interface ConnectionPool extends Executor {
  connect(): Promise<PooledConnection>;
}

/** Runs `work` in a transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<Result>(
  pool: ConnectionPool,
  work: (db: Executor) => Promise<Result>,
): Promise<Result> {
  const connection = await pool.connect();
  let broken = false;
  // A connection that is cut says so to its statement as well; without a listener it would end the process.
  const onCut = () => {
    broken = true;
  };
  connection.on("error", onCut);
  try {
    await connection.query("BEGIN");
    const result = await work(connection);
    await connection.query("COMMIT");
    return result;
  } catch (error) {
    await connection.query("ROLLBACK").catch(() => {
      // The connection is gone, and the transaction with it; the first error says more.
      broken = true;
    });
    throw error;
  } finally {
    connection.off("error", onCut);
    connection.release(broken);
  }
}
