import { type ConnectionPool, type Lender, onConnection } from "./lent-connection.ts";
import { isPgPool } from "./preparing-executor.ts";
import { type DrizzleExecutor, type Executor, executorOf, type Queryable } from "./queryable.ts";

interface DrizzleDatabase extends DrizzleExecutor {
  transaction<T>(
    work: (tx: DrizzleExecutor) => Promise<T>,
    config: { isolationLevel: "read committed" },
  ): Promise<T>;
}

/** Whether `inTransaction` can begin a transaction on this database: on a pg pool and on a Drizzle database. */
export function canBegin(db: Queryable): boolean {
  return isDrizzleDatabase(db) || isPgPool(db);
}

/**
 * Runs `work` in a transaction of its own: committed when `work` resolves, rolled back when it throws. The transaction
 * is READ COMMITTED, whatever the database's default: each statement sees what others committed before it.
 */
export async function inTransaction<T>(db: Queryable, work: (tx: Executor) => Promise<T>): Promise<T> {
  if (isDrizzleDatabase(db)) {
    return db.transaction((tx) => work(executorOf(tx)), { isolationLevel: "read committed" });
  }
  if (!isLendingPool(db)) throw new TypeError("A transaction needs a pg pool or a Drizzle database");
  return inPoolTransaction({ pool: db }, work);
}

/**
 * `inTransaction` on a pg pool. If a COMMIT is not answered within the lender's limit, the commit may have happened.
 */
export function inPoolTransaction<T>(lender: Lender, work: (tx: Executor) => Promise<T>): Promise<T> {
  return onConnection(lender, async (connection) => {
    try {
      await connection.query("BEGIN ISOLATION LEVEL READ COMMITTED");
      const result = await work(connection);
      await connection.query("COMMIT");
      return result;
    } catch (error) {
      // If the ROLLBACK fails, too, the connection is gone, and the transaction with it; the first error says more.
      await connection.query("ROLLBACK").catch(() => connection.markBroken());
      throw error;
    }
  });
}

/** Runs `work` inside the caller's transaction. If `work` throws, the transaction is as it was before. */
export async function inSavepoint<T>(tx: Executor, work: (tx: Executor) => Promise<T>): Promise<T> {
  await tx.query("SAVEPOINT millrace_savepoint");
  try {
    const result = await work(tx);
    await tx.query("RELEASE SAVEPOINT millrace_savepoint");
    return result;
  } catch (error) {
    await undo(tx);
    throw error;
  }
}

/**
 * Undoes a savepoint, and removes it. A bulk around this one has a savepoint of the same name, and would otherwise be
 * undone only to this one.
 */
async function undo(tx: Executor): Promise<void> {
  try {
    await tx.query("ROLLBACK TO SAVEPOINT millrace_savepoint");
    await tx.query("RELEASE SAVEPOINT millrace_savepoint");
  } catch {
    // The connection is gone, and the transaction with it; the error of the work says why.
  }
}

function isDrizzleDatabase(db: Queryable): db is DrizzleDatabase {
  return "execute" in db && "transaction" in db && typeof db.transaction === "function";
}

/** A pool's `connect` lends a client, a client's `connect` opens its connection. Only a pool counts its connections. */
function isLendingPool(db: Queryable): db is Queryable & ConnectionPool {
  return isPgPool(db);
}
