import { findsPrimary, poolBeneath, type Queryable } from "@millrace/base";
import type { ConnectionConfig } from "./renewal-message.ts";

/**
 * The options of a pool that say how to connect. They are read by name, because the driver makes passwords
 * non-enumerable.
 */
const CONNECTION_OPTIONS = [
  "connectionString",
  "host",
  "port",
  "user",
  "password",
  "database",
  "ssl",
  "options",
  "application_name",
  "client_encoding",
  "keepAlive",
] as const;

/** Options by which the caller's functions make a pool's connections. Functions cannot be handed to a thread. */
const BY_CODE = ["Client", "onConnect", "verify", "stream"] as const;

/**
 * The connection options with which a thread can connect like the pool of `db`. Null if a thread cannot:
 *
 * - `db` is neither a pg pool nor a Drizzle database on one;
 * - functions make the pool's connections, or give their password or certificates.
 */
export function renewalConnection(db: Queryable): ConnectionConfig | null {
  const pool = poolBeneath(db);
  if (pool === null || !("options" in pool)) return null;
  // The boundary: the options a pg pool was made with.
  const options = pool.options as Record<string, unknown>;
  if (BY_CODE.some((name) => typeof options[name] === "function" && !isOurs(name, pool))) return null;
  const connection = Object.fromEntries(
    CONNECTION_OPTIONS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  try {
    return structuredClone(withHiddenKey(connection));
  } catch {
    // A function is among the options.
    return null;
  }
}

/** A pool of `createPool` that finds the primary has a client of its own; the thread looks for the primary itself. */
function isOurs(option: (typeof BY_CODE)[number], pool: object): boolean {
  return option === "Client" && findsPrimary(pool);
}

/** Adds the private key of `ssl`, which the driver makes non-enumerable, like passwords. */
function withHiddenKey(connection: Record<string, unknown>): Record<string, unknown> {
  const { ssl } = connection;
  if (typeof ssl !== "object" || ssl === null || !("key" in ssl)) return connection;
  return { ...connection, ssl: { ...ssl, key: ssl.key } };
}
