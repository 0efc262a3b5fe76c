import type { Queryable } from "@millrace/base";
import { poolBeneath } from "@millrace/base";
import type { ConnectionConfig } from "./renewal-message.ts";

/** What of a pool's options says how to connect. Named one by one: the driver hides passwords from enumeration. */
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

/** Options that make a pool's connections by code of the caller's, which a thread cannot be given. */
const BY_CODE = ["Client", "onConnect", "verify", "stream"] as const;

/**
 * How a thread can connect as this pool does, or null when it cannot: `db` is no pg pool, nor a Drizzle database on one, or its connections are made,
 * or their password or certificates chosen, by functions.
 */
export function renewalConnection(db: Queryable): ConnectionConfig | null {
  const pool = poolBeneath(db);
  if (pool === null || !("options" in pool)) return null;
  // The boundary: the options a pg pool was made with.
  const options = pool.options as Record<string, unknown>;
  if (BY_CODE.some((name) => typeof options[name] === "function")) return null;
  const connection = Object.fromEntries(
    CONNECTION_OPTIONS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  try {
    return structuredClone(withHiddenKey(connection));
  } catch {
    // Something in it is a function.
    return null;
  }
}

/** The driver hides a private key too. */
function withHiddenKey(connection: Record<string, unknown>): Record<string, unknown> {
  const { ssl } = connection;
  if (typeof ssl !== "object" || ssl === null || !("key" in ssl)) return connection;
  return { ...connection, ssl: { ...ssl, key: ssl.key } };
}
