import { shown } from "../check/shown.ts";
import { InvalidOptionError } from "../errors.ts";
import { isPgPool, preparingExecutor } from "./preparing-executor.ts";
import { toDrizzle } from "./to-drizzle.ts";

/** Runs statements. `query` takes a statement with parameters `$1`, `$2` and so on, and returns the rows. */
export interface Executor {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  /**
   * Runs a statement as `query` does, and keeps the statement prepared under `name`. Absent where prepared statements
   * are not safe.
   */
  queryPrepared?(name: string, text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * A Drizzle database or transaction, of any PostgreSQL driver. The type names nothing of drizzle-orm: the database of
 * every version of drizzle-orm fits, and an application without drizzle-orm needs none of its types.
 */
export interface DrizzleExecutor {
  execute(query: never): PromiseLike<unknown>;
}

/** A value that can run a statement: a pg pool or client, or a Drizzle database or transaction. */
export type Queryable = Executor | DrizzleExecutor;

/** Throws `InvalidOptionError` for a value that cannot run a statement. */
export function checkQueryable(option: string, value: unknown): void {
  if (typeof value === "object" && value !== null) {
    if ("query" in value && typeof value.query === "function") return;
    if ("execute" in value && typeof value.execute === "function") return;
  }
  const expected = "a pg pool or client, or a Drizzle database or transaction";
  // Does not show a string, because the string may be a URL with a password.
  const found = typeof value === "string" ? "a string" : shown(value);
  throw new InvalidOptionError(option, {
    message: `Expected \`${option}\` to be ${expected}, got ${found}.`,
  });
}

/** Whether a value is a pg pool or a Drizzle database: there, each statement is a transaction of its own. */
export function isWholeDatabase(db: Queryable): boolean {
  return isPgPool(db) || "$client" in db;
}

/** Returns an executor for a pg pool or client, or for a Drizzle database or transaction. */
export function executorOf(db: Queryable): Executor {
  // Only a Drizzle database or transaction has `execute`.
  if (!("execute" in db)) return isPgPool(db) ? preparingExecutor(db) : db;
  return {
    async query(text, values = []) {
      // The cast is safe: every Drizzle database executes what Drizzle's `sql` makes.
      const result = await db.execute((await toDrizzle(text, values)) as never);
      return { rows: rowsOf(result) };
    },
  };
}

/** node-postgres returns an object that holds rows, postgres.js returns the rows themselves. */
function rowsOf(result: unknown): unknown[] {
  if (Array.isArray(result)) return result;
  if (typeof result === "object" && result !== null && "rows" in result && Array.isArray(result.rows)) {
    return result.rows;
  }
  return [];
}

/** Runs a statement prepared if the executor can prepare, and unprepared otherwise. */
export function queryPrepared(
  db: Executor,
  name: string,
  [text, values]: readonly [string, unknown[]],
): Promise<{ rows: unknown[] }> {
  return db.queryPrepared === undefined ? db.query(text, values) : db.queryPrepared(name, text, values);
}
