import { createPool as createQueuePool } from "@millrace/queue";
import type { Pool } from "pg";

/** The database of a pool, and the limits of the pool. */
export interface CreatePoolOptions {
  /** The URL may name several hosts: the pool's connections go to the one that takes writes. */
  databaseUrl: string;
  /** The name that pg_stat_activity shows. */
  applicationName: string;
  connectionsMax: number;
  /** Called when the pool loses an idle connection. The pool opens another connection when needed. */
  onError(error: Error): void;
}

/** Creates a pool. The pool connects at its first use. */
export function createPool(options: CreatePoolOptions): Pool {
  const pool = createQueuePool({
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    max: options.connectionsMax,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on("error", options.onError);
  return pool;
}
