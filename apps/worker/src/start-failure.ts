import { MillraceError, reasonOf, sqlStateOf } from "@millrace/base";
import { InvalidScheduleError } from "@millrace/scheduler";
import { MigrationError } from "@millrace/schema/migrations";
import { databaseCause } from "./database-cause.ts";
import { DatabaseConnectionError } from "./database-connection-error.ts";
import { LoadTasksError } from "./load-tasks-error.ts";
import { NotMigratedError } from "./not-migrated-error.ts";
import { TracingUnavailableError } from "./tracing.ts";

/** The reason that a worker cannot start, for the person who starts the worker. */
export interface StartFailure {
  /** What happened and what to do. Contains a stack only for an unexpected error. */
  message: string;
  /** 2 for a wrong setup, 1 for every other reason. */
  exitCode: 1 | 2;
}

const PERMISSION_DENIED = "42501";

/** SQLSTATEs of a missing or different millrace schema: no such schema, table, column or function. */
const SCHEMA_MISSING_STATES: ReadonlySet<string> = new Set(["3F000", "42P01", "42703", "42883"]);

/** Describes an error that kept a worker from starting. */
export function startFailure(error: unknown): StartFailure {
  const isSetup = [LoadTasksError, InvalidScheduleError, TracingUnavailableError].some(
    (kind) => error instanceof kind,
  );
  if (isSetup && error instanceof Error) return { message: error.message, exitCode: 2 };
  return { message: refusal(error), exitCode: 1 };
}

function refusal(error: unknown): string {
  const state = sqlStateOf(databaseCause(error));
  if (error instanceof MigrationError)
    return state === PERMISSION_DENIED ? `${error.message} ${MIGRATE_ELSEWHERE}` : error.message;
  if (error instanceof DatabaseConnectionError || error instanceof NotMigratedError) return error.message;
  // The class of this error is in a package that is loaded only if a port is set.
  if (error instanceof MillraceError && error.code === "CANNOT_LISTEN") return error.message;
  const reason = reasonOf(error);
  if (state === PERMISSION_DENIED) return `The database refused: ${reason}. ${GRANT}`;
  if (state !== undefined && SCHEMA_MISSING_STATES.has(state))
    return `The database lacks the millrace schema of this release (${reason}); run \`millrace migrate\`.`;
  // An SQLSTATE has five characters, at least one of them a digit. Node's code EPIPE has no digit.
  if (state !== undefined && /^(?=.*\d)[0-9A-Z]{5}$/.test(state))
    return `The database refused: ${reason} (SQLSTATE ${state}).`;
  return error instanceof Error ? (error.stack ?? reason) : reason;
}

const MIGRATE_ELSEWHERE =
  "This worker's role may not migrate the database. Run `millrace migrate` as the role that owns the database " +
  "or its millrace schema, and start the worker with MILLRACE_MIGRATE=false.";

const GRANT =
  "This worker's role lacks a right on the schema millrace. As the role that owns the schema, run: " +
  "GRANT USAGE ON SCHEMA millrace TO <role>; " +
  "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA millrace TO <role>;";
