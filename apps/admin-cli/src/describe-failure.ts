import { MillraceError, reasonOf, sqlStateOf } from "@millrace/base";
import { InvalidJobError, InvalidOptionError, InvalidPayloadError, isTransient } from "@millrace/queue";
import { InvalidCronError, InvalidScheduleError, UnknownTimeZoneError } from "@millrace/scheduler";
import { MigrationError, RolesError, WorkersAliveError } from "@millrace/schema/migrations";
import { CommanderError } from "commander";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import { DatabaseUnavailableError } from "./open-database.ts";
import { UsageError } from "./usage-error.ts";

/** A failure, as the command prints it. */
export interface CommandFailure {
  /** Stable: scripts may compare the code. */
  code: string;
  /** The text for people. */
  message: string;
  exitCode: ExitCode;
}

/** SQLSTATEs of a missing or older millrace schema: no such schema, table, column or function. */
const SCHEMA_MISSING_STATES: ReadonlySet<string> = new Set(["3F000", "42P01", "42703", "42883"]);

/** The SQLSTATE of a statement that the role has no right to. */
const INSUFFICIENT_PRIVILEGE = "42501";

/** Describes an error for people and scripts, with its exit code. The description has no stack trace. */
export function describeFailure(error: unknown): CommandFailure {
  if (error instanceof UsageError) return usage(error.message);
  if (error instanceof CommanderError) return usage(commanderMessage(error));
  if (isBadValue(error)) return { code: error.code, message: error.message, exitCode: EXIT_CODES.usage };
  if (
    error instanceof MillraceError ||
    error instanceof MigrationError ||
    error instanceof RolesError ||
    error instanceof WorkersAliveError ||
    error instanceof DatabaseUnavailableError
  ) {
    return failed(error.code, error.message);
  }
  return describeDatabaseError(error) ?? failed("INTERNAL", `Unexpected failure: ${reasonOf(error)}.`);
}

function isBadValue(error: unknown): error is MillraceError {
  return (
    error instanceof InvalidJobError ||
    error instanceof InvalidOptionError ||
    error instanceof InvalidPayloadError ||
    error instanceof InvalidCronError ||
    error instanceof InvalidScheduleError ||
    error instanceof UnknownTimeZoneError
  );
}

function describeDatabaseError(error: unknown): CommandFailure | undefined {
  const state = sqlStateOf(error);
  // An SQLSTATE has five characters, at least one of them a digit. Node's code EPIPE has no digit.
  if (state === undefined || !/^(?=.*\d)[0-9A-Z]{5}$/.test(state)) {
    return isTransient(error) ? connectionLost(error) : undefined;
  }
  if (/^(08|57P)/.test(state)) return connectionLost(error);
  if (SCHEMA_MISSING_STATES.has(state)) {
    return failed(
      "SCHEMA_MISSING",
      `The database lacks the millrace schema of this release (${reasonOf(error)}); run \`millrace migrate\`.`,
    );
  }
  if (state === INSUFFICIENT_PRIVILEGE) {
    return failed(
      "DATABASE_ROLE",
      `The database role may not do this (${reasonOf(error)}). Commands need a member of millrace_admin.`,
    );
  }
  return failed("DATABASE_ERROR", `The database refused: ${reasonOf(error)} (SQLSTATE ${state}).`);
}

function connectionLost(error: unknown): CommandFailure {
  return failed("DATABASE_UNAVAILABLE", `The connection to the database was lost: ${reasonOf(error)}.`);
}

function commanderMessage(error: CommanderError): string {
  // Commander throws this error when a subcommand is missing. The error's message is a placeholder for the help.
  if (error.code === "commander.help") return "A command is missing; `millrace --help` lists them.";
  return error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
}

function usage(message: string): CommandFailure {
  return { code: "USAGE", message, exitCode: EXIT_CODES.usage };
}

function failed(code: string, message: string): CommandFailure {
  return { code, message, exitCode: EXIT_CODES.failed };
}
