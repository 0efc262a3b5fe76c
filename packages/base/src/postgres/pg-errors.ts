import { MillraceError } from "../errors.ts";

/** SQLSTATEs we act on (PostgreSQL documentation, appendix A). */
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
 * 08: the connection was refused, lost, or never made. 53: the disk, the memory or the connections are used up. 58: the
 * system under the server failed.
 */
const TRANSIENT_CLASSES: ReadonlySet<string> = new Set(["08", "53", "58"]);

/** The codes of node and postgres.js, which are no SQLSTATEs, for a connection that was refused, cut or never made. */
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
]);

/** The pg driver gives these errors no code at all, so the message is the only sign. */
const TRANSIENT_MESSAGES = [
  "Connection terminated",
  "timeout exceeded when trying to connect",
  "Client has encountered a connection error",
  "Query read timeout",
];

/** The SQLSTATE or node error code of an error or of one of its causes, or undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  for (const each of withCauses(error)) {
    // If an error of ours wraps an error of the database, its own code is not the database's.
    if (each instanceof MillraceError && each.cause !== undefined) continue;
    if ("code" in each && typeof each.code === "string") return each.code;
  }
  return undefined;
}

/** An error and its causes: Drizzle and others wrap the driver's errors. */
function withCauses(error: unknown): Error[] {
  const all: Error[] = [];
  for (let current = error; current instanceof Error && all.length < 10; current = current.cause) {
    all.push(current);
  }
  return all;
}

/** Whether a statement gave up waiting for a lock. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === SQL_STATE.lockNotAvailable;
}

/** Whether a statement wrote nothing because another transaction came first. If it is sent again, it may succeed. */
export function cameTooLate(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === SQL_STATE.serialization || code === SQL_STATE.deadlock;
}

/**
 * Whether PostgreSQL refused a statement for a reason that stays. Then it certainly wrote nothing. Without an SQLSTATE
 * nobody knows: the error may have come after the commit.
 */
export function isRefusal(error: unknown): boolean {
  return SQL_STATE_TEXT.test(sqlStateOf(error) ?? "") && !isTransient(error);
}

/** Every SQLSTATE in use has a digit. No error code of node with five characters has a digit. */
const SQL_STATE_TEXT = /^(?=.*\d)[0-9A-Z]{5}$/;

/**
 * Classes of SQLSTATEs that blame the values: bad data (21, 22), a constraint (23, 27, 44), a limit of the server
 * (54), or code of the user's that refuses them, such as a trigger (09, 2F, 38, 39, P0).
 */
const DATA_STATE = /^(09|2[1237]|2F|3[89]|44|54|P0)[0-9A-Z]{3}$/;

/**
 * Whether the statement's values are at fault. If one of many rows is at fault, the others can be written without it.
 */
export function isDataError(error: unknown): boolean {
  return DATA_STATE.test(sqlStateOf(error) ?? "");
}

/** No such schema, table, column or function. */
const SCHEMA_MISSING_STATES: ReadonlySet<string> = new Set(["3F000", "42P01", "42703", "42883"]);

/** Whether a statement of ours met a schema that it does not know. False if a trigger of the user's met one. */
export function isSchemaMissing(error: unknown): boolean {
  if (!SCHEMA_MISSING_STATES.has(sqlStateOf(error) ?? "")) return false;
  const said = databaseErrorOf(error);
  // If it happened in a function, PostgreSQL says where.
  return !("where" in said) || said.where === undefined;
}

/** The error of the database itself, beneath errors that wrap it. If no error wraps another, the error itself. */
export function databaseErrorOf(error: unknown): Error {
  const all = withCauses(error);
  const said = all.find((each) => !(each instanceof MillraceError) && "code" in each) ?? all[0];
  return said ?? new Error(String(error));
}

/**
 * Whether the same statement may succeed later: the database is away, or it ended this statement in favour of another.
 */
export function isTransient(error: unknown): boolean {
  const code = sqlStateOf(error);
  if (code !== undefined) {
    if (TRANSIENT_STATES.has(code) || TRANSIENT_NODE_CODES.has(code)) return true;
    return code.length === 5 && TRANSIENT_CLASSES.has(code.slice(0, 2));
  }
  return withCauses(error).some(({ message }) => TRANSIENT_MESSAGES.some((sign) => message.includes(sign)));
}
