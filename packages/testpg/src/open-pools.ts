import pg from "pg";

/** The pools of one test database. */
export interface OpenPools {
  /** Opens a pool. */
  open(config: pg.PoolConfig): pg.Pool;
  /** Ends every pool, also a pool with clients that nobody released. Returns how many clients that were. */
  endAll(): Promise<number>;
}

interface TrackedPool {
  readonly pool: pg.Pool;
  readonly held: Set<pg.PoolClient>;
}

/** Keeps the pools that a test opens, so that they can be ended before the database is dropped. */
export function openPools(): OpenPools {
  const pools: TrackedPool[] = [];
  return {
    open(config) {
      const pool = new pg.Pool(config);
      const held = new Set<pg.PoolClient>();
      pool.on("acquire", (client) => held.add(client));
      pool.on("release", (_error, client) => held.delete(client));
      pools.push({ pool, held });
      return pool;
    },
    async endAll() {
      const left = await Promise.all(pools.splice(0).map(endPool));
      return left.reduce((sum, count) => sum + count, 0);
    },
  };
}

/** Ends a pool. Returns how many clients were not released. */
async function endPool({ pool, held }: TrackedPool): Promise<number> {
  // From here on, the teardown cuts connections, so the error of a lost connection must not fail the file.
  pool.on("error", () => undefined);
  const left = [...held];
  for (const client of left) {
    client.on("error", () => undefined);
    client.release(true);
  }
  if (!pool.ended && !pool.ending) await pool.end();
  return left.length;
}
