import type { MigrationMeta } from "drizzle-orm/migrator";
import type { PoolClient } from "pg";
import { readMigrations } from "./read-migrations.ts";

/** What `migrate` did. */
export interface MigrateResult {
  /** How many migrations were applied by this call. */
  applied: number;
  /** How many migrations of this release are applied now. */
  total: number;
  /** How many applied migrations this release does not know: a newer one made them. 0 unless the database is newer. */
  newer: number;
}

/** Any number that other software is unlikely to lock: the bytes of "millrace" as a signed 64-bit integer. */
const MIGRATION_LOCK = "7883951835720016741";

/** How long one migration waits for a table lock before it gives up rather than stall every query behind it. */
const LOCK_TIMEOUT = "5s";

/** Applies what is pending, in the caller's transaction. One caller at a time: the others wait for the lock. */
export async function applyPending(client: PoolClient): Promise<MigrateResult> {
  await client.query("SELECT pg_advisory_xact_lock($1::bigint)", [MIGRATION_LOCK]);
  await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  await client.query("CREATE SCHEMA IF NOT EXISTS millrace");
  await client.query(
    "CREATE TABLE IF NOT EXISTS millrace.migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)",
  );
  const migrations = readMigrations();
  const newest = migrations.at(-1)?.folderMillis ?? -1;
  const { rows } = await client.query<{ last: string | null; newer: number }>(
    "SELECT max(created_at) AS last, count(*) FILTER (WHERE created_at > $1)::int AS newer FROM millrace.migrations",
    [newest],
  );
  const lastMillis = Number(rows[0]?.last ?? -1);
  const pending = migrations.filter((migration) => migration.folderMillis > lastMillis);
  for (const migration of pending) await applyOne(client, migration);
  return { applied: pending.length, total: migrations.length, newer: rows[0]?.newer ?? 0 };
}

async function applyOne(client: PoolClient, migration: MigrationMeta): Promise<void> {
  for (const statement of migration.sql) await client.query(statement);
  await client.query("INSERT INTO millrace.migrations (hash, created_at) VALUES ($1, $2)", [
    migration.hash,
    migration.folderMillis,
  ]);
}
