import type pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { createTestDatabase, type TestDatabase } from "./create-test-database.ts";
import type { MillraceTestDatabase } from "./database-setup.ts";
import { openPools } from "./open-pools.ts";

/** The database of one test file. */
export interface FileDatabase {
  /** The database's URL. Throws `FileDatabaseError` before the file's `beforeAll` hooks run. */
  readonly url: string;
  /** Opens another pool on the database. The pool is ended after the file. */
  pool(options?: Omit<pg.PoolConfig, "connectionString">): pg.Pool;
}

type FileDatabaseCode = "clients_left" | "database_not_ready" | "setup_missing";

/** A test file used its database before the database existed, without a global setup, or did not release a client. */
export class FileDatabaseError extends Error {
  readonly code: FileDatabaseCode;

  constructor(code: FileDatabaseCode, message: string) {
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
  const pools = openPools();

  beforeAll(async () => {
    database = await createTestDatabase(provided());
  });
  afterAll(async () => {
    const left = await pools.endAll();
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
    pool: (options = {}) => pools.open({ ...options, connectionString: url() }),
  };
}

function provided(): MillraceTestDatabase {
  // The boundary: without a global setup, nothing was provided, whatever the type says.
  const given: MillraceTestDatabase | undefined = inject("millraceTestDatabase");
  if (given !== undefined) return given;
  const message =
    "no global setup made a template: add one with `databaseSetup` to `globalSetup` of vitest.config";
  throw new FileDatabaseError("setup_missing", message);
}
