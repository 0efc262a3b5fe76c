import { reasonOf } from "@millrace/base";
import { createPool } from "@millrace/queue";
import type { Pool } from "pg";
import { type DatabaseLocation, describeDatabase } from "./database-url.ts";

/** No connection could be made: the address is wrong, the server refused, or the network is down. */
export class DatabaseUnavailableError extends Error {
  readonly code = "DATABASE_UNAVAILABLE";
  constructor(databaseUrl: string, cause: unknown) {
    super(`Cannot connect to the database at ${describeDatabase(databaseUrl)}: ${reasonOf(cause)}.`, {
      cause,
    });
    this.name = "DatabaseUnavailableError";
  }
}

/** 10 s are enough for a distant server, and an operator waits no longer for an error. */
const CONNECT_TIMEOUT_MS = 10_000;

/** An open database. */
export interface OpenDatabase {
  readonly pool: Pool;
  /** Where the database is, for messages. */
  readonly location: DatabaseLocation;
}

/**
 * Runs `use` with a pool of `connections` connections. Connects before `use` runs, and closes the pool in every case.
 * Throws `DatabaseUnavailableError` when no connection can be made, and every error that `use` throws.
 */
export async function withDatabase<T>(
  databaseUrl: string,
  connections: number,
  use: (database: OpenDatabase) => Promise<T>,
): Promise<T> {
  const pool = createPool({
    connectionString: databaseUrl,
    application_name: "millrace-cli",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    max: connections,
  });
  // The current or next statement fails when the connection is lost. An error event without a listener would also end
  // the process: the pool raises the event for an idle connection, and the client for a connection in use.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  try {
    return await use({ pool, location: await connectOnce(pool, databaseUrl) });
  } finally {
    // The command has already succeeded or failed. An error while closing changes nothing.
    await pool.end().catch(() => undefined);
  }
}

/** The driver knows the location better than the URL: it has read variables such as PGHOST and PGDATABASE, too. */
async function connectOnce(pool: Pool, databaseUrl: string): Promise<DatabaseLocation> {
  try {
    const client = await pool.connect();
    const { host, database } = client;
    client.release();
    return { host, database: database ?? "unknown" };
  } catch (error) {
    throw new DatabaseUnavailableError(databaseUrl, error);
  }
}
