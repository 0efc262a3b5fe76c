import { sqlStateOf } from "./pg-errors.ts";

/** A pg pool: each of its statements is a transaction of its own, on any of its connections. */
export interface PgPool {
  query(statement: { name?: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
  readonly totalCount: number;
}

/**
 * The errors of a connection whose prepared statements differ from what this executor expects. Behind a pooler in
 * transaction mode, each statement may reach another session. PostgreSQL reports these errors before it executes
 * anything. (PostgreSQL documentation, appendix A: invalid_sql_statement_name, duplicate_prepared_statement,
 * feature_not_supported for a result that changed its type.)
 */
const NOT_PREPARED_STATES: ReadonlySet<string> = new Set(["26000", "42P05", "0A000"]);

/** An executor that can keep statements prepared. */
export interface PreparingExecutor {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  queryPrepared(name: string, text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Whether an object is a pg pool. A client has no count of connections. */
export function isPgPool(db: object): db is PgPool {
  return "connect" in db && "totalCount" in db;
}

/**
 * An executor on a pool. A named statement is prepared once for each connection, which saves half of a short
 * statement's time. After the first error which shows that other sessions are behind the pool, nothing is prepared any
 * more.
 */
export function preparingExecutor(pool: PgPool): PreparingExecutor {
  let canPrepare = true;
  const query = (text: string, values: unknown[] = []) => pool.query({ text, values });
  return {
    query,
    async queryPrepared(name, text, values) {
      if (!canPrepare) return query(text, values);
      try {
        return await pool.query({ name, text, values });
      } catch (error) {
        if (!NOT_PREPARED_STATES.has(sqlStateOf(error) ?? "")) throw error;
        canPrepare = false;
        return query(text, values);
      }
    },
  };
}
