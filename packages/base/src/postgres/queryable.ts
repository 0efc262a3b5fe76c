import type { SQL } from "drizzle-orm/sql/sql";
import { shown } from "../check/shown.ts";
import { InvalidOptionError } from "../errors.ts";
import { isPgPool, preparingExecutor } from "./preparing-executor.ts";

/** What every statement needs of a connection: text with `$n` parameters in, rows out. */
export interface Executor {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  /**
   * The same, with a statement that the connection keeps prepared under `name`. Absent if prepared statements cannot be
   * relied on.
   */
  queryPrepared?(name: string, text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A Drizzle database or transaction, of any PostgreSQL driver. */
export interface DrizzleExecutor {
  execute(query: SQL): PromiseLike<unknown>;
}

/** A value that can run a statement: a pg pool or client, or a Drizzle database or transaction. */
export type Queryable = Executor | DrizzleExecutor;

/** Refuses a value that cannot run a statement. Throws `InvalidOptionError`. */
export function checkQueryable(option: string, value: unknown): void {
  if (typeof value === "object" && value !== null) {
    if ("query" in value && typeof value.query === "function") return;
    if ("execute" in value && typeof value.execute === "function") return;
  }
  const expected = "a pg pool or client, or a Drizzle database or transaction";
  // A text may be a URL with a password in it.
  const found = typeof value === "string" ? "a string" : shown(value);
  throw new InvalidOptionError(option, {
    message: `Expected \`${option}\` to be ${expected}, got ${found}.`,
  });
}

/** Whether each statement is a transaction of its own: on a pg pool or a Drizzle database, not on a transaction. */
export function isWholeDatabase(db: Queryable): boolean {
  return isPgPool(db) || "$client" in db;
}

/** One way to run a statement on either kind of connection. */
export function executorOf(db: Queryable): Executor {
  // A Drizzle handle is recognised by `execute`, which no pg pool or client has.
  if (!("execute" in db)) return isPgPool(db) ? preparingExecutor(db) : db;
  return {
    async query(text, values = []) {
      // Loaded when the first statement goes through Drizzle: it takes memory, and a pool needs none of it.
      const { toDrizzle } = await import("./to-drizzle.ts");
      const result = await db.execute(toDrizzle(text, values));
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
