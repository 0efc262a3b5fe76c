import { fileURLToPath } from "node:url";
import { createTestDatabase, type TestDatabase } from "@millrace/testpg";
import { readMigrationFiles } from "drizzle-orm/migrator";
import pg from "pg";
import { afterEach, inject } from "vitest";

/** How many migrations there were when all jobs that had not moved to history were in one table. */
export const ONE_TABLE = 9;

/** Databases that are not migrated yet. A test has one at a time. */
export interface FreshDatabases {
  /** Creates an empty database, and opens a pool on it. */
  empty(): Promise<pg.Pool>;
  /** Opens another pool on the database. */
  connect(): pg.Pool;
}

/** Gives the tests of a file databases that are not migrated yet. A database is dropped after its test. */
export function useFreshDatabases(): FreshDatabases {
  let fresh: TestDatabase | undefined;
  const pools: pg.Pool[] = [];

  afterEach(async () => {
    await Promise.all(pools.splice(0).map((each) => each.end()));
    await fresh?.drop();
    fresh = undefined;
  });

  function connect(): pg.Pool {
    const opened = new pg.Pool({ connectionString: fresh?.url ?? "" });
    // end() resolves before the server has let go, and dropping the database cuts what is left.
    opened.on("error", () => undefined);
    pools.push(opened);
    return opened;
  }

  return {
    async empty() {
      fresh = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });
      return connect();
    },
    connect,
  };
}

/** Brings an empty database to where so many migrations left it. */
export async function migrateTo(target: pg.Pool, count: number): Promise<void> {
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

/** The relations of the schema, with their constraints and indexes. */
export async function shapeOf(target: pg.Pool): Promise<unknown[]> {
  const { rows } = await target.query(
    `SELECT c.relname, c.relkind, pg_get_constraintdef(k.oid) AS rule, i.indexdef
     FROM pg_class c
     LEFT JOIN pg_constraint k ON k.conrelid = c.oid
     LEFT JOIN pg_indexes i ON i.schemaname = 'millrace' AND i.indexname = c.relname
     WHERE c.relnamespace = 'millrace'::regnamespace ORDER BY 1, 2, 3, 4`,
  );
  return rows;
}
