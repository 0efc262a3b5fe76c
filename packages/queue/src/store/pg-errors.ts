/** SQLSTATEs we act on (PostgreSQL documentation, appendix A). */
const SQL_STATE = {
  deadlock: "40P01",
  serialization: "40001",
  lockNotAvailable: "55P03",
  adminShutdown: "57P01",
  crashShutdown: "57P02",
  cannotConnectNow: "57P03",
  tooManyConnections: "53300",
} as const;

const TRANSIENT_STATES: ReadonlySet<string> = new Set(Object.values(SQL_STATE));

/** Class 08: the connection was refused, lost, or never made. */
const CONNECTION_CLASS = "08";

/** What node and the pg driver say, without an SQLSTATE, when a connection is refused, cut or not to be had. */
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
]);

/** The driver gives these no code at all, so its message is the only sign. */
const TRANSIENT_MESSAGES = [
  "Connection terminated",
  "timeout exceeded when trying to connect",
  "Client has encountered a connection error",
  "Query read timeout",
];

/** The SQLSTATE or node error code of an error or of one of its causes, or undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 10;
    current = current.cause, depth += 1
  ) {
    if ("code" in current && typeof current.code === "string") return current.code;
  }
  return undefined;
}

/** Classes of SQLSTATEs that blame the values: bad data, a constraint, a limit of the server. */
const DATA_STATE = /^(22|23|54)[0-9A-Z]{3}$/;

/** Whether the statement's values are at fault: of many rows, the others can be written without it. */
export function isDataError(error: unknown): boolean {
  return DATA_STATE.test(sqlStateOf(error) ?? "");
}

/** Whether the same statement may succeed later: the database is away, or chose this one to give way. */
export function isTransient(error: unknown): boolean {
  const code = sqlStateOf(error);
  if (code !== undefined) {
    return TRANSIENT_STATES.has(code) || code.startsWith(CONNECTION_CLASS) || TRANSIENT_NODE_CODES.has(code);
  }
  return error instanceof Error && TRANSIENT_MESSAGES.some((message) => error.message.includes(message));
}
