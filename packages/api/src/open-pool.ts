import { checkQueryable, InvalidOptionError, ignoreIdleCuts } from "@millrace/base";
import pg from "pg";

/** How many connections the API has. Its requests must leave the database's connections to the workers. */
export const CONNECTIONS_MAX = 2;

/** How long a request waits for a connection, in ms. */
const CONNECT_MS = 5_000;

/** The limits of the API's statements, in ms. PostgreSQL ends a statement that passes them. */
const STATEMENT_MS = 5_000;
const LOCK_MS = 2_000;
const IDLE_IN_TRANSACTION_MS = 10_000;

/** When a connection counts as silent, in ms: later than PostgreSQL's own limit. */
const ANSWER_MS = 10_000;

/**
 * Opens the API's own pool. `db` is a connection string, or a pool whose options are taken: no connection of that pool
 * is used. Throws `InvalidOptionError`.
 */
export function openPool(db: unknown): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOf(db),
    max: CONNECTIONS_MAX,
    min: 0,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    query_timeout: ANSWER_MS,
    application_name: "millrace-api",
  });
  ignoreIdleCuts(pool);
  return pool;
}

function connectionOf(db: unknown): pg.PoolConfig {
  if (typeof db === "string" && db !== "") return { connectionString: db };
  if (db instanceof pg.Pool || isForeignPool(db)) {
    const { options } = db;
    // Read by its name: the driver makes the password non-enumerable.
    return { ...options, ...(options.password === undefined ? {} : { password: options.password }) };
  }
  if (typeof db !== "string") checkQueryable("db", db);
  throw new InvalidOptionError("db", { message: "Expected `db` to be a connection string or a pg pool." });
}

/** Whether a value is a pool of another copy of the pg driver. */
function isForeignPool(db: unknown): db is pg.Pool {
  return (
    typeof db === "object" &&
    db !== null &&
    "totalCount" in db &&
    "options" in db &&
    typeof db.options === "object" &&
    db.options !== null
  );
}
