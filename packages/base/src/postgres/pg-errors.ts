import { MillraceError } from "../errors.ts";

/** SQLSTATEs of errors after which the same statement may succeed (PostgreSQL documentation, appendix A). */
const SQL_STATE = {
  deadlock: "40P01",
  serialization: "40001",
  lockNotAvailable: "55P03",
  adminShutdown: "57P01",
  crashShutdown: "57P02",
  cannotConnectNow: "57P03",
  idleSessionTimeout: "57P05",
  idleInTransactionTimeout: "25P03",
  transactionTimeout: "25P04",
  /** A statement timed out, or somebody canceled it. */
  queryCanceled: "57014",
  /** The server was demoted, or has not been promoted yet. */
  readOnlyTransaction: "25006",
} as const;

const TRANSIENT_STATES: ReadonlySet<string> = new Set(Object.values(SQL_STATE));

/**
 * Classes of SQLSTATEs of errors after which the same statement may succeed:
 * - 08: the connection was refused, lost, or never made.
 * - 53: the disk, the memory or the connections are used up.
 * - 58: the system that the server runs on failed.
 */
const TRANSIENT_CLASSES: ReadonlySet<string> = new Set(["08", "53", "58"]);

/** Codes of Node, postgres.js and Millrace for a connection that was refused, cut or never made: no SQLSTATEs. */
const TRANSIENT_NODE_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECTION_CLOSED",
  "CONNECT_TIMEOUT",
  "NO_PRIMARY",
]);

/** Messages of the pg driver for a lost connection. These errors have no code, so only the message shows the cause. */
const TRANSIENT_MESSAGES = [
  "Connection terminated",
  "timeout exceeded when trying to connect",
  "Client has encountered a connection error",
  "Query read timeout",
  "timeout expired",
];

/** Returns the SQLSTATE or Node error code of an error, or of the first of its causes that has a code. */
export function sqlStateOf(error: unknown): string | undefined {
  for (const each of withCauses(error)) {
    // Skips an error of Millrace that wraps a cause: its code is not the database's code.
    if (each instanceof MillraceError && each.cause !== undefined) continue;
    if ("code" in each && typeof each.code === "string") return each.code;
  }
  return undefined;
}

/** Returns an error and its causes. Drizzle, for instance, wraps the driver's errors. */
function withCauses(error: unknown): Error[] {
  const all: Error[] = [];
  for (let current = error; current instanceof Error && all.length < 10; current = current.cause) {
    all.push(current);
  }
  return all;
}

/** Whether the server takes no writes: it was demoted, or has not been promoted yet. */
export function isReadOnly(error: unknown): boolean {
  return sqlStateOf(error) === SQL_STATE.readOnlyTransaction;
}

/** Whether a statement gave up waiting for a lock. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === SQL_STATE.lockNotAvailable;
}

/** Whether a deadlock or a serialization failure ended the transaction, which wrote nothing. A repeat may succeed. */
export function cameTooLate(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === SQL_STATE.serialization || code === SQL_STATE.deadlock;
}

/**
 * Whether PostgreSQL refused a statement, and would refuse the statement again. The statement wrote nothing. An error
 * without an SQLSTATE is no refusal, because the error may have come after the commit.
 */
export function isRefusal(error: unknown): boolean {
  return SQL_STATE_TEXT.test(sqlStateOf(error) ?? "") && !isTransient(error);
}

/** Matches SQLSTATEs. Every SQLSTATE has a digit. No Node error code of five characters has a digit. */
const SQL_STATE_TEXT = /^(?=.*\d)[0-9A-Z]{5}$/;

/**
 * Classes of SQLSTATEs whose cause is the statement's values: bad data (21, 22), a constraint (23, 27, 44), a limit of
 * the server (54), or a refusal by the user's own code, such as a trigger (09, 2F, 38, 39, P0).
 */
const DATA_STATE = /^(09|2[1237]|2F|3[89]|44|54|P0)[0-9A-Z]{3}$/;

/**
 * Whether the statement's values are at fault. If one of many rows is at fault, the other rows can be written alone.
 */
export function isDataError(error: unknown): boolean {
  return DATA_STATE.test(sqlStateOf(error) ?? "");
}

/** SQLSTATEs of a missing schema, table, column or function. */
const SCHEMA_MISSING_STATES: ReadonlySet<string> = new Set(["3F000", "42P01", "42703", "42883"]);

/** Whether Millrace's schema is missing or differs from this release. False if a trigger of the user failed so. */
export function isSchemaMissing(error: unknown): boolean {
  if (!SCHEMA_MISSING_STATES.has(sqlStateOf(error) ?? "")) return false;
  const said = databaseErrorOf(error);
  // `where` is set only when the error happened inside a function, such as the user's trigger.
  return !("where" in said) || said.where === undefined;
}

/** Returns the database's error, without the errors that wrap the database's error. */
export function databaseErrorOf(error: unknown): Error {
  const all = withCauses(error);
  const said = all.find((each) => !(each instanceof MillraceError) && "code" in each) ?? all[0];
  return said ?? new Error(String(error));
}

/**
 * Whether the same statement may succeed later: the database is away, or PostgreSQL ended the statement because of
 * another transaction or a time limit.
 */
export function isTransient(error: unknown): boolean {
  const code = sqlStateOf(error);
  if (code !== undefined) {
    if (TRANSIENT_STATES.has(code) || TRANSIENT_NODE_CODES.has(code)) return true;
    return code.length === 5 && TRANSIENT_CLASSES.has(code.slice(0, 2));
  }
  return withCauses(error).some(({ message }) => TRANSIENT_MESSAGES.some((sign) => message.includes(sign)));
}
