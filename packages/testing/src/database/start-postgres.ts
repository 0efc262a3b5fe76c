import { checkFields, fieldNames } from "@millrace/base";
import {
  createTestDatabase as cloneTemplate,
  dropDatabase,
  type Environment,
  type OnLog,
  openPools,
  prepareTemplate,
  startTestServer,
} from "@millrace/testpg";
import type pg from "pg";
import { CLOCK_SCHEMA } from "../clock/clock-schema.ts";
import { type PrepareOptions, preparing } from "./prepare-database.ts";
import { isLasting, templateKey } from "./template-key.ts";

/** The options of `startPostgres` and `createTestDatabase`. All are optional. */
export interface PostgresOptions extends PrepareOptions {
  /** The variables TEST_DATABASE_URL, DOCKER_HOST and TEST_POSTGRES_MAJOR decide. Default: this process's. */
  readonly env?: Environment;
  /** Receives notes on the choice of the server, and the server's log. Default: no log. */
  readonly onLog?: OnLog;
}

/** A database for tests, with Millrace's tables and a clock that `createTestQueue` can move. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly name: string;
  /** Opens a pool on the database, which `drop` ends. */
  pool(config?: Omit<pg.PoolConfig, "connectionString">): pg.Pool;
  /** Ends the pools, and removes the database with every connection that is left. Another call does nothing. */
  drop(): Promise<void>;
}

/** A PostgreSQL for tests. */
export interface TestPostgres extends AsyncDisposable {
  /** The URL of a user who may create databases. */
  readonly url: string;
  readonly kind: "external" | "testcontainers" | "embedded";
  /** Creates a database. Any number of callers may create databases at once. */
  createDatabase(): Promise<TestDatabase>;
  /** Removes the server. An external server stays, without the template of one run. Another call does nothing. */
  stop(): Promise<void>;
}

const FIELDS = fieldNames<PostgresOptions>({ prepare: true, key: true, env: true, onLog: true });

/**
 * Gets a real PostgreSQL: the server of TEST_DATABASE_URL, else a container if a Docker engine answers and
 * `@testcontainers/postgresql` is installed, else an embedded one. A server that was started here is gone when this
 * process ends, at the latest. The databases that `startPostgres` creates are clones of one template, which is migrated
 * once. Throws `TestServerError`, and `InvalidOptionError` (`INVALID_OPTION`) for an unknown option.
 *
 * @example
 * await using postgres = await startPostgres();
 * await using database = await postgres.createDatabase();
 * const jobs = createTestQueue({ pool: database.pool(), tasks: [sendReceipt] });
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  checkFields("options", options, FIELDS);
  const { prepare, key, ...serverOptions } = options;
  const server = await startTestServer(serverOptions);
  let template: Promise<string> | undefined;
  let stopping: Promise<void> | undefined;
  const readyTemplate = () => {
    template ??= prepareTemplate({
      serverUrl: server.url,
      key: templateKey(options),
      prepare: preparing(options),
    });
    return template;
  };
  const stop = () => {
    stopping ??= (async () => {
      const isLeft = server.kind === "external" && !isLasting(options);
      if (isLeft && template !== undefined) await dropDatabase(server.url, await template);
      await server.stop();
    })();
    return stopping;
  };
  return {
    url: server.url,
    kind: server.kind,
    createDatabase: async () => testDatabase(server.url, await readyTemplate()),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function testDatabase(serverUrl: string, template: string): Promise<TestDatabase> {
  const { url, name, drop } = await cloneTemplate({ serverUrl, template, schemaBeforeCatalog: CLOCK_SCHEMA });
  const pools = openPools();
  let dropping: Promise<void> | undefined;
  const dropOnce = () => {
    dropping ??= pools.endAll().then(drop);
    return dropping;
  };
  return {
    url,
    name,
    pool: (config = {}) => pools.open({ ...config, connectionString: url }),
    drop: dropOnce,
    [Symbol.asyncDispose]: dropOnce,
  };
}
