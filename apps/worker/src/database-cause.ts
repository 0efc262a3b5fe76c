import { MigrationError } from "@millrace/schema/migrations";
import { DatabaseConnectionError } from "./database-connection-error.ts";

/** Returns the driver's error inside an error of Millrace, whose `code` is no SQLSTATE. Returns other errors as is. */
export function databaseCause(error: unknown): unknown {
  return error instanceof MigrationError || error instanceof DatabaseConnectionError ? error.cause : error;
}
