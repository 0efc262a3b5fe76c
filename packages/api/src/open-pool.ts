import { checkQueryable, createPool, findsPrimary, InvalidOptionError, ignoreIdleCuts } from "@millrace/base";
import pg from "pg";

/** How many connections the API has. Its requests must leave the database's connections to the workers. */
const CONNECTIONS_MAX = 2;

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
  const pool = createPool({
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
  if (typeof db === "string" && db !== "") return { connectionString: withoutLimits(db) };
  if (db instanceof pg.Pool || isForeignPool(db)) {
    // The driver makes the password non-enumerable: a copy of the options lacks the password.
    const { password } = db.options;
    const { connectionString, Client, ...others } = db.options;
    return {
      ...others,
      // The client of a pool of several hosts is that pool's own.
      ...(Client === undefined || findsPrimary(db) ? {} : { Client }),
      ...(connectionString === undefined ? {} : { connectionString: withoutLimits(connectionString) }),
      ...(password === undefined ? {} : { password }),
    };
  }
  if (typeof db !== "string") checkQueryable("db", db);
  throw new InvalidOptionError("db", { message: "Expected `db` to be a connection string or a pg pool." });
}

/** The parameters of a connection string that would take the place of the API's own limits and name. */
const LIMITS = [
  "application_name",
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "query_timeout",
];

/** Removes other limits from a connection string: the driver would prefer them to those of the pool. */
function withoutLimits(connectionString: string): string {
  const at = connectionString.indexOf("?");
  if (at === -1) return connectionString;
  const parameters = connectionString.slice(at + 1).split("&");
  const kept = parameters.filter((parameter) => !LIMITS.includes(parameter.split("=", 1)[0] ?? ""));
  return `${connectionString.slice(0, at)}${kept.length === 0 ? "" : `?${kept.join("&")}`}`;
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
