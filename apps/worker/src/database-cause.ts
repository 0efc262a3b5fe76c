import { MigrationError } from "@millrace/schema/migrations";
import { DatabaseConnectionError } from "./database-connection-error.ts";

/** What the driver or the server said: an error of ours around it has a code of its own, which is no SQLSTATE. */
export function databaseCause(error: unknown): unknown {
  return error instanceof MigrationError || error instanceof DatabaseConnectionError ? error.cause : error;
}
