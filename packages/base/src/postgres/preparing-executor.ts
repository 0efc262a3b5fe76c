import { sqlStateOf } from "./pg-errors.ts";

/** The part of a pg pool that runs statements. Each statement is a transaction of its own, on any connection. */
export interface PgPool {
  query(statement: { name?: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
  readonly totalCount: number;
}

/**
 * SQLSTATEs of a session that lacks the prepared statement, or has another one under its name. Behind a pooler in
 * transaction mode, each statement may reach another session. PostgreSQL reports these errors before it executes
 * anything, so the statement can be sent again.
 *
 * PostgreSQL documentation, appendix A: invalid_sql_statement_name, duplicate_prepared_statement, and
 * feature_not_supported for a result that changed its type.
 */
const NOT_PREPARED_STATES: ReadonlySet<string> = new Set(["26000", "42P05", "0A000"]);

/** An executor that can keep statements prepared. */
export interface PreparingExecutor {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  queryPrepared(name: string, text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Whether an object is a pg pool. A pg client has no `totalCount`. */
export function isPgPool(db: object): db is PgPool {
  return "connect" in db && "totalCount" in db;
}

/**
 * Returns an executor on a pool. A named statement is prepared once for each connection, which saves half the time of a
 * short statement. After the first error of `NOT_PREPARED_STATES`, the executor prepares no statement any more.
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
