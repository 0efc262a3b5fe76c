import { fileURLToPath } from "node:url";
import { createTestDatabase, type TestDatabase, waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import { readMigrationFiles } from "drizzle-orm/migrator";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { MigrationError, migrate } from "../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

describe("migrate", () => {
  let fresh: TestDatabase | undefined;
  const pools: pg.Pool[] = [];

  afterEach(async () => {
    await Promise.all(pools.splice(0).map((each) => each.end()));
    await fresh?.drop();
    fresh = undefined;
  });

  async function emptyDatabase(): Promise<pg.Pool> {
    fresh = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });
    return connect();
  }

  function connect(): pg.Pool {
    const opened = new pg.Pool({ connectionString: fresh?.url ?? "" });
    // end() resolves before the server has let go, and dropping the database cuts what is left.
    opened.on("error", () => undefined);
    pools.push(opened);
    return opened;
  }

  /** Brings an empty database to where so many migrations left it. */
  async function migrateTo(target: pg.Pool, count: number): Promise<void> {
    await target.query(
      `CREATE SCHEMA millrace;
       CREATE TABLE millrace.migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
    );
    const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));
    for (const { sql, hash, folderMillis } of readMigrationFiles({ migrationsFolder }).slice(0, count)) {
      for (const statement of sql) await target.query(statement);
      await target.query("INSERT INTO millrace.migrations (hash, created_at) VALUES ($1, $2)", [
        hash,
        folderMillis,
      ]);
    }
  }

  async function shapeOf(target: pg.Pool): Promise<unknown[]> {
    const { rows } = await target.query(
      `SELECT c.relname, c.relkind, pg_get_constraintdef(k.oid) AS rule, i.indexdef
       FROM pg_class c
       LEFT JOIN pg_constraint k ON k.conrelid = c.oid
       LEFT JOIN pg_indexes i ON i.schemaname = 'millrace' AND i.indexname = c.relname
       WHERE c.relnamespace = 'millrace'::regnamespace ORDER BY 1, 2, 3, 4`,
    );
    return rows;
  }

  test("a second run changes nothing", async () => {
    const target = await emptyDatabase();
    const first = await migrate(target);
    const before = await shapeOf(target);

    const second = await migrate(target);

    expect(first.applied).toBe(first.total);
    expect(first.newer).toBe(0);
    expect(second).toEqual({ applied: 0, total: first.total, newer: 0 });
    expect(await shapeOf(target)).toEqual(before);
  });

  test("a database that a newer release has migrated is left as it is, and told of", async () => {
    const target = await emptyDatabase();
    const { total } = await migrate(target);
    await target.query(
      `INSERT INTO millrace.migrations (hash, created_at)
       SELECT 'of a newer release', max(created_at) + 1 FROM millrace.migrations`,
    );

    expect(await migrate(target)).toEqual({ applied: 0, total, newer: 1 });
  });

  test("many processes that start at once all succeed, and one applies", async () => {
    await emptyDatabase();

    const results = await Promise.all(Array.from({ length: 6 }, () => migrate(connect())));

    expect(results.filter((result) => result.applied > 0)).toHaveLength(1);
    expect(await shapeOf(connect())).toEqual(await shapeOf(pool));
  });

  test.each(["repeatable read", "serializable"])(
    "processes that wait for another one's migration find nothing to do, where %s is the default",
    async (level) => {
      const target = await emptyDatabase();
      const { rows } = await target.query("SELECT current_database() AS name");
      await target.query(`ALTER DATABASE "${rows[0].name}" SET default_transaction_isolation = '${level}'`);
      const holder = await target.connect();
      await holder.query("BEGIN");
      await holder.query("SELECT pg_advisory_xact_lock(7883951835720016741)");
      const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

      const migrating = Array.from({ length: 3 }, () => migrate(connect()));
      await waitFor(async () => (await target.query(waiting)).rowCount === 3, {
        description: "all to wait for the lock",
      });
      await holder.query("COMMIT");
      holder.release();
      const results = await Promise.all(migrating);

      expect(results.filter((result) => result.applied > 0)).toHaveLength(1);
    },
  );

  test("a decoy schema with tables and constraints of the same names changes nothing", async () => {
    const target = await emptyDatabase();
    await target.query(`
      CREATE SCHEMA decoy;
      CREATE TABLE decoy.job_schedules (id int CONSTRAINT job_schedules_name_key UNIQUE);
      CREATE TABLE decoy.jobs (
        id int, state text CONSTRAINT jobs_state_check CHECK (state = 'decoy'),
        idempotency_key text, max_attempts int CONSTRAINT jobs_max_attempts_check CHECK (max_attempts < 0));
      CREATE INDEX jobs_claimable_idx ON decoy.jobs (id);
      CREATE TABLE decoy.job_attempts (id int);
      CREATE TABLE decoy.migrations (id int, hash text, created_at bigint);
      INSERT INTO decoy.migrations VALUES (1, 'x', 9999999999999);
      CREATE FUNCTION decoy.gen_random_uuid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'`);
    await target.query(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = decoy, public', current_database()); END $$",
    );

    const result = await migrate(connect());

    expect(result.applied).toBe(result.total);
    expect(await shapeOf(connect())).toEqual(await shapeOf(pool));
    const { rows } = await connect().query("INSERT INTO millrace.jobs (type) VALUES ('t') RETURNING state");
    expect(rows).toEqual([{ state: "queued" }]);
  });

  test("a table too large to be indexed at once takes over an index that was built beside the work", async () => {
    const target = await emptyDatabase();
    await migrateTo(target, 5);
    await target.query(`
      ALTER TABLE millrace.jobs SET UNLOGGED, ALTER COLUMN payload SET STORAGE PLAIN;
      INSERT INTO millrace.jobs (type, payload)
        SELECT 't', to_jsonb(repeat('x', 7800)) FROM generate_series(1, 33000)`);

    const refused = await migrate(target).catch((error: unknown) => error);
    const build = /CREATE INDEX CONCURRENTLY .* WHERE state = 'queued'/.exec(String(refused))?.[0] ?? "";
    await target.query(build);
    const result = await migrate(target);

    expect(refused).toMatchObject({ cause: { code: "55000" } });
    expect(result.applied).toBe(result.total - 5);
    expect(await shapeOf(target)).toEqual(await shapeOf(pool));
  });

  test("a migration that fails leaves nothing behind and says why", async () => {
    const target = await emptyDatabase();
    await target.query("CREATE SCHEMA millrace; CREATE TABLE millrace.jobs (id int)");

    const failure = migrate(target);

    await expect(failure).rejects.toBeInstanceOf(MigrationError);
    await expect(failure).rejects.toThrow(/"jobs" already exists/);
    const { rows } = await target.query(
      "SELECT relname FROM pg_class WHERE relnamespace = 'millrace'::regnamespace",
    );
    expect(rows).toEqual([{ relname: "jobs" }]);
  });
});
