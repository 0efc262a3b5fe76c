import pg from "pg";
import { InvalidOptionError } from "../errors.ts";
import { hostsInTurn } from "./hosts-in-turn.ts";
import { MultiHostPool } from "./multi-host-pool.ts";

/**
 * Creates a pg pool. Its `connectionString` may name several servers, of which one is the primary:
 * `postgres://app@a:5432,b:5432/app`. The pool connects at its first use.
 *
 * - Each new connection goes to a server that takes writes: first to the server of the last connection, then to the
 *   others in the order of the list. Each server has `connectionTimeoutMillis` to answer (ms; default: no limit).
 * - After a fail-over, the connections to the old primary fail with a transient error, and new ones find the new
 *   primary. While there is none, connecting fails with `NoPrimaryError` (`NO_PRIMARY`), for which `isTransient`
 *   returns true.
 * - A connection on which a statement was refused as read-only (25006) is closed when it comes back.
 * - `target_session_attrs` in the URL is `read-write` or `primary` (only a server that takes writes will do) or `any`.
 *   Default, unlike libpq's: `read-write` for several hosts, and `any` for one host, which then costs nothing.
 *
 * Throws `InvalidOptionError` (`INVALID_OPTION`) for a list of hosts that cannot be read, and for `Client` with several
 * hosts.
 *
 * @example
 * const pool = createPool({ connectionString: "postgres://app@db-a:5432,db-b:5432/shop", max: 10 });
 * const queue = createQueue(pool);
 */
export function createPool(config: pg.PoolConfig): pg.Pool {
  const turn = hostsInTurn(config.connectionString);
  if (turn === null) return new pg.Pool(config);
  if (config.Client !== undefined) {
    throw new InvalidOptionError("Client", "absent where several hosts are named", config.Client);
  }
  return new MultiHostPool(config, turn);
}

/** Whether `createPool` made this pool for several servers: its option `Client` is then `createPool`'s own. */
export function findsPrimary(pool: object): boolean {
  return pool instanceof MultiHostPool;
}
