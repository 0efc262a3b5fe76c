import {
  databaseErrorOf,
  InvalidOptionError,
  isSchemaMissing,
  isTransient,
  MillraceError,
  sqlStateOf,
} from "@millrace/base";
import { AuthorizeFailedError } from "../security/authorize-failed-error.ts";
import { ApiError, type Refusal } from "./api-error.ts";

/** The status of each code of the library. A code that is not here means a mistake of the API: status 500. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  JOB_NOT_FOUND: 404,
  SCHEDULE_NOT_FOUND: 404,
  JOB_STATE: 409,
  DUPLICATE_JOB: 409,
  SCHEDULE_NAME_TAKEN: 409,
  NOT_UNDOABLE: 409,
  COMMAND_UNDONE: 409,
  INVALID_OPTION: 400,
  INVALID_JOB: 400,
  INVALID_PAYLOAD: 400,
  INVALID_SCHEDULE: 400,
  INVALID_CRON: 400,
  UNKNOWN_TIME_ZONE: 400,
  KEY_CONTENDED: 503,
  JOB_CONTENDED: 503,
  JOB_LOCKED: 503,
};

/** The headers of a 503: the next try may succeed. */
const SOON = { "retry-after": "1" };

/** A missing right of the database's role. `authorize` has allowed what the database refuses. */
const DATABASE_ROLE: Refusal = {
  status: 403,
  code: "DATABASE_ROLE",
  detail:
    "The database role of this API may not do this. To look, a role needs millrace_viewer; to change something, " +
    "millrace_admin. Grants that are new are seen within a minute.",
};

/**
 * The answers to errors of the database. The database's own text is never sent, because it may have values of jobs,
 * names of hosts, or parts of statements.
 */
const BY_SQL_STATE: Readonly<Record<string, Refusal>> = {
  "57014": {
    status: 503,
    code: "STATEMENT_TIMEOUT",
    detail:
      "The database did not answer within 5 s. Narrow the request: name a state, a queue, a type or a time, or ask " +
      "for fewer jobs.",
    headers: SOON,
  },
  "42501": DATABASE_ROLE,
  "55P03": {
    status: 503,
    code: "LOCKED",
    detail:
      "Another transaction has locked what this request is about for 2 s. Nothing was changed. Try again.",
    headers: SOON,
  },
};

const UNAVAILABLE: Refusal = {
  status: 503,
  code: "DATABASE_UNAVAILABLE",
  detail: "The database did not answer, or ended the statement. Try again.",
  headers: SOON,
};

const BUSY: Refusal = {
  status: 503,
  code: "API_BUSY",
  detail: "The API's connections were all in use for 5 s. Try again.",
  headers: SOON,
};

const SCHEMA_MISSING: Refusal = {
  status: 503,
  code: "SCHEMA_MISSING",
  detail: "The database lacks the millrace schema of this release. Run `millrace migrate`.",
  headers: { "retry-after": "60" },
};

/** Returns the answer to an error; null for an unexpected error. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ApiError) return error.refusal;
  // Its cause is the caller's, whatever code the cause has.
  if (error instanceof AuthorizeFailedError) return null;
  // The error of the queue, or one of the database from a statement of the scheduler or of the API.
  if (isSchemaMissing(error)) return SCHEMA_MISSING;
  if (error instanceof MillraceError) {
    const status = STATUS_OF_CODE[error.code];
    if (status !== undefined) return ofLibrary(error, status);
  }
  const known = BY_SQL_STATE[sqlStateOf(error) ?? ""];
  if (known !== undefined) return known;
  if (!isTransient(error)) return null;
  return isPoolTimeout(error) ? BUSY : UNAVAILABLE;
}

function ofLibrary(error: MillraceError, status: number): Refusal {
  const { code, message } = error;
  const field = fieldOf(error);
  return { status, code, detail: message, field, ...(status === 503 ? { headers: SOON } : {}) };
}

/** The request's field that an error of the library names. */
function fieldOf(error: MillraceError): string | undefined {
  if (error instanceof InvalidOptionError) return error.option.replace(/^(filter|options)\./, "");
  if (error.code === "INVALID_PAYLOAD") return "payload";
  return "field" in error && typeof error.field === "string" ? error.field : undefined;
}

/** Whether the pool had no free connection. The pool's error has no code, only a text. */
function isPoolTimeout(error: unknown): boolean {
  return databaseErrorOf(error).message.includes("timeout exceeded when trying to connect");
}
