import {
  InvalidOptionError,
  isPoolOfOne,
  type ListenPool,
  poolBeneath,
  type Queryable,
} from "@millrace/base";
import { renewalConnection } from "../lease/renewal-connection.ts";
import type { ConnectionConfig } from "../lease/renewal-message.ts";

/** The options of a worker that decide how it connects. */
interface ConnectionOptions {
  db: Queryable;
  listen?: boolean;
  renewal?: "thread" | "loop";
}

/** The pool to listen on, or null for polling alone. Throws `InvalidOptionError` if `db` has no pool to listen on. */
export function listenPool({ db, listen }: ConnectionOptions): ListenPool | null {
  if (listen === false) return null;
  // The boundary: this is a pool of the pg driver. A single client is refused: listening would block it.
  const pool: object | null = poolBeneath(db);
  if (pool !== null && !isPoolOfOne(pool)) return pool as ListenPool;
  if (listen !== true) return null;
  throw new InvalidOptionError("listen", {
    message:
      pool === null
        ? "`listen` is true, but `db` is neither a pg pool nor a Drizzle database on one, and only a pool has a " +
          "connection to spare for listening. Pass a pg pool, or leave `listen` out: then the worker polls."
        : "`listen` is true, but the pool in `db` has one connection, which listening would keep from the worker's " +
          "other statements. Give the pool a `max` of 2 or more, or leave `listen` out: then the worker polls.",
  });
}

/**
 * How the thread that renews leases connects, or null if the event loop renews them. Throws `InvalidOptionError` if
 * `renewal` asks for a thread that cannot connect.
 */
export function threadConnection({ db, renewal }: ConnectionOptions): ConnectionConfig | null {
  if (renewal !== undefined && renewal !== "thread" && renewal !== "loop") {
    throw new InvalidOptionError("renewal", '"thread" or "loop"', renewal);
  }
  if (renewal === "loop") return null;
  const connection = renewalConnection(db);
  if (connection !== null || renewal === undefined) return connection;
  const reason =
    poolBeneath(db) === null
      ? "`db` is neither a pg pool nor a Drizzle database on one, so that a thread cannot learn how to connect. " +
        "Pass a pg pool"
      : "the pool in `db` connects by functions of yours (such as `password` or `onConnect`), which cannot be handed " +
        "to a thread. Pass a pool without them";
  throw new InvalidOptionError("renewal", {
    message: `\`renewal\` is "thread", but ${reason}, or leave \`renewal\` out: then the worker's loop renews leases.`,
  });
}
