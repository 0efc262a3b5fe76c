import type { AnswerLimit } from "./answer-limit.ts";
import { type ConnectionPool, onConnection, type Statement } from "./lent-connection.ts";
import { isPgPool, type PgPool, preparingExecutor } from "./preparing-executor.ts";
import { type Executor, executorOf, type Queryable } from "./queryable.ts";

/** A pg pool that runs statements, lends connections and reports the errors of idle connections. */
export interface LendingPool extends PgPool, ConnectionPool {
  listeners(event: "error"): unknown[];
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Returns an executor whose statements wait for an answer only up to a limit. On a silent connection, TCP alone would
 * wait a quarter of an hour. At the limit, the pool replaces the connection, and the statement fails with
 * `NoAnswerError`. PostgreSQL may have executed the statement.
 *
 * Works on a pg pool, and on a Drizzle database on a pg pool. Statements on any other `db` have no limit.
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

/** Returns `db` if `db` is a pg pool, or the pg pool of a Drizzle database. Returns null for any other `db`. */
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
