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
 * Runs `work` in a new transaction. Commits when `work` resolves, and rolls back when `work` throws. The transaction is
 * READ COMMITTED, whatever the database's default: each statement sees all earlier commits.
 */
export async function inTransaction<T>(db: Queryable, work: (tx: Executor) => Promise<T>): Promise<T> {
  if (isDrizzleDatabase(db)) {
    return db.transaction((tx) => work(executorOf(tx)), { isolationLevel: "read committed" });
  }
  if (!isLendingPool(db)) throw new TypeError("A transaction needs a pg pool or a Drizzle database");
  return inPoolTransaction({ pool: db }, work);
}

/**
 * As `inTransaction`, on a pg pool. If the COMMIT gets no answer within the lender's limit, throws `NoAnswerError`; the
 * commit may have happened.
 */
export function inPoolTransaction<T>(lender: Lender, work: (tx: Executor) => Promise<T>): Promise<T> {
  return onConnection(lender, async (connection) => {
    try {
      await connection.query("BEGIN ISOLATION LEVEL READ COMMITTED");
      const result = await work(connection);
      await connection.query("COMMIT");
      return result;
    } catch (error) {
      // If the ROLLBACK fails, the connection is lost, and PostgreSQL rolls back. The first error says more, so it
      // stays.
      await connection.query("ROLLBACK").catch(() => connection.markBroken());
      throw error;
    }
  });
}

/** Runs `work` inside the caller's transaction. If `work` throws, undoes only the writes of `work`. */
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
 * Rolls back to the savepoint, and releases the savepoint. An outer call has a savepoint of the same name: without the
 * release, its rollback would find this savepoint, and undo too little.
 */
async function undo(tx: Executor): Promise<void> {
  try {
    await tx.query("ROLLBACK TO SAVEPOINT millrace_savepoint");
    await tx.query("RELEASE SAVEPOINT millrace_savepoint");
  } catch {
    // The connection is lost, and PostgreSQL rolls back. The caller gets the error of `work`.
  }
}

function isDrizzleDatabase(db: Queryable): db is DrizzleDatabase {
  return "execute" in db && "transaction" in db && typeof db.transaction === "function";
}

/** Whether `db` is a pg pool. A pg client has `connect` as well, but lends no connection. */
function isLendingPool(db: Queryable): db is Queryable & ConnectionPool {
  return isPgPool(db);
}
