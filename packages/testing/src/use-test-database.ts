import pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { createTestDatabase, type TestDatabase } from "./create-test-database.ts";
import type { MillraceTestDatabase } from "./database-setup.ts";

/** The database of one test file. */
export interface FileDatabase {
  /** Known once the file's `beforeAll` hooks run. */
  readonly url: string;
  /** Opens another pool on the database; it is ended after the file. */
  pool(options?: Omit<pg.PoolConfig, "connectionString">): pg.Pool;
}

/** A test file used its database before it was there, or left a client checked out. */
export class FileDatabaseError extends Error {
  readonly code: "clients_left" | "database_not_ready";

  constructor(code: "clients_left" | "database_not_ready", message: string) {
    super(message);
    this.name = "FileDatabaseError";
    this.code = code;
  }
}

/**
 * Gives the calling test file a fresh clone of the template that `databaseSetup` prepared, and drops it after the
 * file. Clients left checked out fail the file. While tests run, errors of idle clients surface as uncaught.
 */
export function useTestDatabase(): FileDatabase {
  let database: TestDatabase | undefined;
  const pools: TrackedPool[] = [];

  beforeAll(async () => {
    database = await createTestDatabase(provided());
  });
  afterAll(async () => {
    const left = (await Promise.all(pools.map(endPool))).reduce((sum, count) => sum + count, 0);
    await database?.drop();
    if (left > 0) throw new FileDatabaseError("clients_left", `${left} database clients were never released`);
  });

  const url = (): string => {
    if (database) return database.url;
    throw new FileDatabaseError("database_not_ready", "the test database exists from beforeAll on");
  };
  return {
    get url() {
      return url();
    },
    pool(options = {}) {
      const pool = new pg.Pool({ ...options, connectionString: url() });
      const held = new Set<pg.PoolClient>();
      pool.on("acquire", (client) => held.add(client));
      pool.on("release", (_error, client) => held.delete(client));
      pools.push({ pool, held });
      return pool;
    },
  };
}

interface TrackedPool {
  readonly pool: pg.Pool;
  readonly held: Set<pg.PoolClient>;
}

function provided(): MillraceTestDatabase {
  return inject("millraceTestDatabase");
}

/** Ends a pool and returns how many clients were still checked out. */
async function endPool({ pool, held }: TrackedPool): Promise<number> {
  // From here on a lost connection is what teardown does, not a finding.
  pool.on("error", () => undefined);
  const left = [...held];
  for (const client of left) {
    client.on("error", () => undefined);
    client.release(true);
  }
  if (!pool.ended && !pool.ending) await pool.end();
  return left.length;
}
