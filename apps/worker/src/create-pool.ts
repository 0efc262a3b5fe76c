import { Pool } from "pg";

/** What a pool is for. */
export interface CreatePoolOptions {
  databaseUrl: string;
  /** As pg_stat_activity shows it. */
  applicationName: string;
  connectionsMax: number;
  /** Told when a connection that nobody uses at the moment is lost; the pool replaces it. */
  onError(error: Error): void;
}

/** Creates a pool; it connects when first used. */
export function createPool(options: CreatePoolOptions): Pool {
  const pool = new Pool({
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    max: options.connectionsMax,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on("error", options.onError);
  return pool;
}
