import type { AnswerLimit } from "./answer-limit.ts";
import { type ConnectionPool, onConnection, type Statement } from "./lent-connection.ts";
import { isPgPool, type PgPool, preparingExecutor } from "./preparing-executor.ts";
import { type Executor, executorOf, type Queryable } from "./queryable.ts";

/** A pg pool, and its methods that are used besides its statements. */
export interface LendingPool extends PgPool, ConnectionPool {
  listeners(event: "error"): unknown[];
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * An executor whose statements wait for an answer only up to a limit. For work that nobody else ends: for a connection
 * that went silent, TCP would wait a quarter of an hour. Here the connection is replaced, and the statement fails with
 * `NoAnswerError`; it may have been executed.
 *
 * Only connections of a pg pool can be replaced, also of a pool beneath a Drizzle database. On any other `db` there is
 * no limit.
 */
export function limitedExecutor(db: Queryable, limit: AnswerLimit): Executor {
  const pool = poolBeneath(db);
  if (pool === null) return executorOf(db);
  return preparingExecutor({
    query: (statement) => ask(pool, statement, limit),
    get totalCount() {
      return pool.totalCount;
    },
  });
}

/** The pg pool that `db` is, or that its Drizzle database uses; null when there is none. */
export function poolBeneath(db: Queryable): LendingPool | null {
  const pool = "$client" in db ? db.$client : db;
  return isLendingPool(pool) ? pool : null;
}

function isLendingPool(db: unknown): db is LendingPool {
  return typeof db === "object" && db !== null && isPgPool(db);
}

function ask(pool: LendingPool, statement: Statement, limit: AnswerLimit): Promise<{ rows: unknown[] }> {
  return onConnection({ pool, limit }, async (connection) => {
    try {
      return await connection.send(statement);
    } catch (error) {
      connection.markBroken();
      throw error;
    }
  });
}
