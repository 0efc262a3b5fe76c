import { sqlStateOf } from "./pg-errors.ts";

/** A pg pool: each of its statements is a transaction of its own, on any of its connections. */
export interface PgPool {
  query(statement: { name?: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
  readonly totalCount: number;
}

/**
 * What a connection says that has not, or no longer, or already, prepared what this one believes: behind a pooler in
 * transaction mode another session answers each time. All are said before anything is executed.
 * (PostgreSQL documentation, appendix A: invalid_sql_statement_name, duplicate_prepared_statement,
 * feature_not_supported for a result that changed its type.)
 */
const NOT_PREPARED_STATES: ReadonlySet<string> = new Set(["26000", "42P05", "0A000"]);

/** An executor that can keep statements prepared. */
export interface PreparingExecutor {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  queryPrepared(name: string, text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Whether something is a pg pool: a client has no count of connections. */
export function isPgPool(db: object): db is PgPool {
  return "connect" in db && "totalCount" in db;
}

/**
 * Statements on a pool. Those named are prepared once for each connection, which saves half of a short statement's
 * time; the first sign that the sessions behind the pool are not its own ends that for good.
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
