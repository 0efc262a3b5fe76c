import pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { createTestDatabase, type TestDatabase } from "./create-test-database.ts";
import type { MillraceTestDatabase } from "./database-setup.ts";

/** The database of one test file. */
export interface FileDatabase {
  /** The database's URL. Throws `FileDatabaseError` before the file's `beforeAll` hooks run. */
  readonly url: string;
  /** Opens another pool on the database. The pool is ended after the file. */
  pool(options?: Omit<pg.PoolConfig, "connectionString">): pg.Pool;
}

/** A test file used its database before the database existed, or did not release a client. */
export class FileDatabaseError extends Error {
  readonly code: "clients_left" | "database_not_ready";

  constructor(code: "clients_left" | "database_not_ready", message: string) {
    super(message);
    this.name = "FileDatabaseError";
    this.code = code;
  }
}

/**
 * Gives the calling test file a fresh clone of the template that `databaseSetup` prepared, and drops the clone after
 * the file. A client that the file did not release fails the file. While tests run, an error of an idle client is an
 * uncaught error.
 *
 * @example
 * const database = useTestDatabase();
 * test("an enqueued job is queued", async () => {
 *   const queue = createQueue(database.pool());
 *   await queue.enqueue("send-receipt", { orderId: 7 });
 * });
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
