import { useTestDatabase } from "@millrace/testpg/vitest";
import { describe, expect, test } from "vitest";
import {
  MIGRATION_RULES,
  migrate,
  migrateRoles,
  readMigrationStatus,
  readSchemaVersion,
} from "../../src/index.ts";
import { readMigrations } from "../../src/read-migrations.ts";
import { SCHEMA_NUMBER } from "../../src/schema-number.ts";
import { migrateTo, useFreshDatabases } from "../fresh-database.ts";

const database = useTestDatabase();
const names = readMigrations().map(({ name }) => name);

/** A statement that makes the database one of a newer release, which asks for workers with so many migrations. */
const newer = (least: number) => `
  INSERT INTO millrace.migrations (hash, created_at) SELECT 'later', max(created_at) + 1 FROM millrace.migrations;
  CREATE OR REPLACE FUNCTION millrace.least_schema() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT ${least}'`;

describe("the rules of migrations", () => {
  test("name migrations in their order, and ask for no more than the release has", () => {
    const places = MIGRATION_RULES.map(({ migration }) => names.indexOf(migration));

    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const { leastSchema } of MIGRATION_RULES) expect(leastSchema).toBeLessThanOrEqual(names.length);
  });

  test("are what the database tells older workers", async () => {
    const { rows } = await database.pool().query("SELECT millrace.least_schema() AS least");

    expect(rows[0].least).toBe(Math.max(...MIGRATION_RULES.map(({ leastSchema }) => leastSchema)));
  });

  test("the number of this release's schema is the number of its migrations", () => {
    expect(SCHEMA_NUMBER).toBe(names.length);
  });
});

describe("a database of another release", () => {
  const databases = useFreshDatabases();

  test.each([
    { least: SCHEMA_NUMBER, serves: true },
    { least: SCHEMA_NUMBER + 1, serves: false },
  ])("that is newer and asks for $least migrations is served: $serves", async ({ least, serves }) => {
    const target = await databases.empty();
    await migrate(target);
    await target.query(newer(least));

    expect(await readSchemaVersion(target)).toMatchObject({ relation: "newer", least, serves });
    expect(await readMigrationStatus(target)).toMatchObject({ pending: [], newer: 1, applied: names });
  });

  test.each([12, 13, 14])("that is older, with %i migrations, is not served", async (count) => {
    const target = await databases.empty();
    await migrateTo(target, count);

    expect(await readSchemaVersion(target)).toMatchObject({ relation: "older", serves: false, least: null });
  });
});

describe("the status of a database", () => {
  const databases = useFreshDatabases();

  test("has what is applied and pending, with the statements, and the living workers", async () => {
    const target = await databases.empty();
    await migrateTo(target, 14);
    await target.query(
      `INSERT INTO millrace.workers (worker_id, queues, types, release, seen_at)
       VALUES ('a', '{q}', '{}', '0.1.0', now()), ('gone', '{q}', '{}', '0.1.0', now() - interval '31 s')`,
    );

    const status = await readMigrationStatus(target);

    expect(status).toMatchObject({ applied: names.slice(0, 14), newer: 0 });
    expect(status.workers).toEqual([{ id: "a", release: "0.1.0", schema: null }]);
    expect(status.pending.map(({ name, blockedBy }) => [name, blockedBy])).toEqual(
      names.slice(14).map((name) => [name, []]),
    );
    for (const { statements } of status.pending) expect(statements.join("\n")).toMatch(/millrace/);
  });

  test("has the workers that a pending migration is refused for", async () => {
    const target = await databases.empty();
    await migrateTo(target, 9);
    await target.query(
      "INSERT INTO millrace.workers (worker_id, queues, types) VALUES ('host-1:7', '{q}', '{}')",
    );

    const { pending } = await readMigrationStatus(target);

    expect(pending.find(({ name }) => name === "0009_three_places")?.blockedBy).toEqual([
      { id: "host-1:7", release: null, schema: null },
    ]);
  });

  test("of an empty database has nothing applied, and the reading makes nothing", async () => {
    const target = await databases.empty();

    const { applied, pending, workers, version } = await readMigrationStatus(target);

    expect({ applied, workers, relation: version.relation }).toEqual({
      ...{ applied: [], workers: [], relation: "missing" },
    });
    expect(pending.map(({ name }) => name)).toEqual(names);
    expect((await target.query("SELECT FROM pg_namespace WHERE nspname = 'millrace'")).rowCount).toBe(0);
  });

  test("can be read by every role", async () => {
    await migrateRoles(database.pool());
    for (const role of ["millrace_worker", "millrace_viewer", "millrace_admin"]) {
      const status = await readMigrationStatus(database.pool({ options: `-c role=${role}` }));
      expect({ role, pending: status.pending, applied: status.applied }).toEqual({
        role,
        pending: [],
        applied: names,
      });
    }
  });
});
