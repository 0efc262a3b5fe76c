import { reasonOf } from "@millrace/base";
import { Pool } from "pg";
import { describeDatabase } from "./database-url.ts";

/** No connection could be made: wrong address, refused by the server, or the network is down. */
export class DatabaseUnavailableError extends Error {
  readonly code = "DATABASE_UNAVAILABLE";
  constructor(databaseUrl: string, cause: unknown) {
    super(`Cannot connect to the database at ${describeDatabase(databaseUrl)}: ${reasonOf(cause)}.`, {
      cause,
    });
    this.name = "DatabaseUnavailableError";
  }
}

/** Long enough for a distant server, short enough that an operator does not wonder. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Runs `use` with a pool of one connection that is known to work, and closes it, whatever happens.
 * Throws `DatabaseUnavailableError`, or what `use` throws.
 */
export async function withDatabase<T>(databaseUrl: string, use: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: "millrace-cli",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    max: 1,
  });
  // A lost connection shows in the statement under way or the next one. Without a listener, on the pool for idle
  // connections and on the connection for one in use, it would also end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  try {
    await connectOnce(pool, databaseUrl);
    return await use(pool);
  } finally {
    // The command's work is done or has failed already; how the connection ends changes neither.
    await pool.end().catch(() => undefined);
  }
}

async function connectOnce(pool: Pool, databaseUrl: string): Promise<void> {
  try {
    const client = await pool.connect();
    client.release();
  } catch (error) {
    throw new DatabaseUnavailableError(databaseUrl, error);
  }
}
