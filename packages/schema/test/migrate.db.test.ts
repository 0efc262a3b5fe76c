import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { MigrationError, migrate } from "../src/index.ts";
import { migrateTo, shapeOf, useFreshDatabases } from "./fresh-database.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

describe("migrate", () => {
  const databases = useFreshDatabases();

  test("a second run changes nothing", async () => {
    const target = await databases.empty();
    const first = await migrate(target);
    const before = await shapeOf(target);

    const second = await migrate(target);

    expect(first.applied).toBe(first.total);
    expect(first.newer).toBe(0);
    expect(second).toEqual({ applied: 0, total: first.total, newer: 0 });
    expect(await shapeOf(target)).toEqual(before);
  });

  test("a database that a newer release has migrated is left as it is, and told of", async () => {
    const target = await databases.empty();
    const { total } = await migrate(target);
    await target.query(
      `INSERT INTO millrace.migrations (hash, created_at)
       SELECT 'of a newer release', max(created_at) + 1 FROM millrace.migrations`,
    );

    expect(await migrate(target)).toEqual({ applied: 0, total, newer: 1 });
  });

  test("many processes that start at once all succeed, and one applies", async () => {
    await databases.empty();

    const results = await Promise.all(Array.from({ length: 6 }, () => migrate(databases.connect())));

    expect(results.filter((result) => result.applied > 0)).toHaveLength(1);
    expect(await shapeOf(databases.connect())).toEqual(await shapeOf(pool));
  });

  test.each(["repeatable read", "serializable"])(
    "processes that wait for another one's migration find nothing to do, where %s is the default",
    async (level) => {
      const target = await databases.empty();
      const { rows } = await target.query("SELECT current_database() AS name");
      await target.query(`ALTER DATABASE "${rows[0].name}" SET default_transaction_isolation = '${level}'`);
      const holder = await target.connect();
      await holder.query("BEGIN");
      await holder.query("SELECT pg_advisory_xact_lock(7883951835720016741)");
      const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

      const migrating = Array.from({ length: 3 }, () => migrate(databases.connect()));
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
    const target = await databases.empty();
    await target.query(`
      CREATE SCHEMA decoy;
      CREATE TABLE decoy.job_schedules (id int CONSTRAINT job_schedules_name_key UNIQUE);
      CREATE TABLE decoy.jobs (
        id int, state text CONSTRAINT jobs_state_check CHECK (state = 'decoy'),
        idempotency_key text, max_attempts int CONSTRAINT jobs_max_attempts_check CHECK (max_attempts < 0));
      CREATE INDEX jobs_claimable_idx ON decoy.jobs (id);
      CREATE TABLE decoy.job_attempts (id int);
      CREATE TABLE decoy.job_history (id int CONSTRAINT job_history_pkey PRIMARY KEY, completed_at text);
      CREATE TABLE decoy.waiting_jobs (
        id int CONSTRAINT waiting_jobs_pkey PRIMARY KEY,
        max_attempts int CONSTRAINT waiting_jobs_max_attempts_check CHECK (max_attempts < 0));
      CREATE INDEX waiting_jobs_claim_idx ON decoy.waiting_jobs (id);
      CREATE TABLE decoy.claims (id int CONSTRAINT claims_pkey PRIMARY KEY);
      CREATE TABLE decoy.ended_jobs (id int, state text CONSTRAINT ended_jobs_state_check CHECK (state = 'decoy'));
      CREATE TABLE decoy.job_keys (key int);
      CREATE TABLE decoy.job_payloads (job_id int);
      CREATE VIEW decoy.running_jobs AS SELECT 1 AS id;
      CREATE FUNCTION decoy.insert_job() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TABLE decoy.migrations (id int, hash text, created_at bigint);
      INSERT INTO decoy.migrations VALUES (1, 'x', 9999999999999);
      CREATE FUNCTION decoy.gen_random_uuid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'`);
    await target.query(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = decoy, public', current_database()); END $$",
    );

    const result = await migrate(databases.connect());

    expect(result.applied).toBe(result.total);
    expect(await shapeOf(databases.connect())).toEqual(await shapeOf(pool));
    const { rows } = await databases
      .connect()
      .query("INSERT INTO millrace.jobs (type) VALUES ('t') RETURNING state");
    expect(rows).toEqual([{ state: "queued" }]);
  });

  test("a table too large to be indexed at once takes over an index that was built beside the work", async () => {
    const target = await databases.empty();
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
    const target = await databases.empty();
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
