import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";
import type { Pool, PoolClient } from "pg";

/** What `migrate` did. */
export interface MigrateResult {
  /** How many migrations were applied by this call. */
  applied: number;
  /** How many migrations of this release are applied now. */
  total: number;
  /** How many applied migrations this release does not know: a newer one made them. 0 unless the database is newer. */
  newer: number;
}

/** A migration could not be applied; nothing of this call's migrations is left behind. */
export class MigrationError extends Error {
  readonly code = "MIGRATION_FAILED";
  constructor(message: string, options: { cause: unknown }) {
    super(message, options);
    this.name = "MigrationError";
  }
}

/** Any number that other software is unlikely to lock: the bytes of "millrace" as a signed 64-bit integer. */
const MIGRATION_LOCK = "7883951835720016741";

/** How long one migration waits for a table lock before it gives up rather than stall every query behind it. */
const LOCK_TIMEOUT = "5s";

const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));

/**
 * Brings the database to this release's schema, in one transaction. Safe when many processes start at once:
 * one applies, the others wait and find nothing to do. Uses the bookkeeping table that `drizzle-kit migrate`
 * uses, and no session state, so it works through a transaction pooler. A database that a newer release has migrated
 * is left as it is; the result says so. Throws `MigrationError`.
 */
export async function migrate(pool: Pool): Promise<MigrateResult> {
  const client = await pool.connect();
  let broken = false;
  // A connection that is cut fails the statement under way; its error event, unheard, would end the process.
  const onCut = () => {
    broken = true;
  };
  client.on("error", onCut);
  try {
    // Whatever the database's default: what another process applied while this one waited for the lock must be seen.
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    const result = await applyPending(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // A failed ROLLBACK means the connection is gone, and with it the transaction.
    await client.query("ROLLBACK").catch(onCut);
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Could not migrate the millrace schema: ${reason}. Nothing was changed.`, {
      cause: error,
    });
  } finally {
    client.off("error", onCut);
    client.release(broken);
  }
}

/** A short hash of all migrations: changes exactly when they do. Used to name a migrated template database. */
export function migrationsHash(): string {
  const hash = createHash("sha256");
  for (const migration of readMigrations()) hash.update(migration.hash);
  return hash.digest("hex").slice(0, 16);
}

async function applyPending(client: PoolClient): Promise<MigrateResult> {
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

/** This release's migrations, oldest first. */
export function readMigrations(): MigrationMeta[] {
  return readMigrationFiles({ migrationsFolder });
}
