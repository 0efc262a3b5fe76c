import { MigrationError } from "@millrace/schema/migrations";
import { DatabaseConnectionError } from "./database-connection-error.ts";

/**
 * Returns the driver's error inside an error of Millrace: only the driver's error has an SQLSTATE as its `code`.
 * Returns other errors as they are.
 */
export function databaseCause(error: unknown): unknown {
  return error instanceof MigrationError || error instanceof DatabaseConnectionError ? error.cause : error;
}
