import { isPgPool } from "./preparing-executor.ts";
import { type DrizzleExecutor, type Executor, executorOf, type Queryable } from "./queryable.ts";

/** A connection that a pg pool lends. */
interface PgPoolClient extends Executor {
  on(event: "error", listener: () => void): unknown;
  off(event: "error", listener: () => void): unknown;
  /** Gives the connection back; with true, closes it instead. */
  release(destroy?: boolean): void;
}

interface LendingPool {
  connect(): Promise<PgPoolClient>;
}

interface DrizzleDatabase extends DrizzleExecutor {
  transaction<T>(work: (tx: DrizzleExecutor) => Promise<T>): Promise<T>;
}

/** Whether `inTransaction` can begin a transaction on this database: on a pg pool and on a Drizzle database. */
export function canBegin(db: Queryable): boolean {
  return isDrizzleDatabase(db) || isPgPool(db);
}

/** Runs `work` in a transaction of its own: committed when it resolves, rolled back when it throws. */
export async function inTransaction<T>(db: Queryable, work: (tx: Executor) => Promise<T>): Promise<T> {
  if (isDrizzleDatabase(db)) return db.transaction((tx) => work(executorOf(tx)));
  if (!isLendingPool(db)) throw new TypeError("A transaction needs a pg pool or a Drizzle database");
  const client = await db.connect();
  // A connection that is cut fails the statement under way; its error event, unheard, would end the process.
  const ignore = () => undefined;
  client.on("error", ignore);
  let broken = false;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      // The connection is gone, and the transaction with it.
      broken = true;
    });
    throw error;
  } finally {
    client.off("error", ignore);
    client.release(broken);
  }
}

/** Runs `work` inside the caller's transaction, which is as it was before when `work` throws. */
export async function inSavepoint<T>(tx: Executor, work: (tx: Executor) => Promise<T>): Promise<T> {
  await tx.query("SAVEPOINT millrace_bulk");
  try {
    const result = await work(tx);
    await tx.query("RELEASE SAVEPOINT millrace_bulk");
    return result;
  } catch (error) {
    // When this fails too, the connection is gone; the first error says why.
    await tx.query("ROLLBACK TO SAVEPOINT millrace_bulk").catch(() => undefined);
    throw error;
  }
}

function isDrizzleDatabase(db: Queryable): db is DrizzleDatabase {
  return "execute" in db && "transaction" in db && typeof db.transaction === "function";
}

/** A pool's `connect` lends a client, a client's opens its connection; only a pool counts its connections. */
function isLendingPool(db: Queryable): db is Queryable & LendingPool {
  return isPgPool(db);
}
