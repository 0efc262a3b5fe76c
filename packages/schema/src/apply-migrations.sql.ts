import type { PoolClient } from "pg";
import type { Migration } from "./migration.ts";
import { readMigrations } from "./read-migrations.ts";
import { brokenRules, WorkersAliveError } from "./upgrade/check-workers.ts";
import { readLivingWorkers } from "./upgrade/living-workers.sql.ts";
import { MIGRATION_RULES } from "./upgrade/migration-rules.ts";

/** The result of `migrate`. */
export interface MigrateResult {
  /** How many migrations this call applied. */
  applied: number;
  /** How many migrations of this release the database now has. */
  total: number;
  /** How many migrations of a newer release the database has. 0 unless the database is newer than this release. */
  newer: number;
}

/** The options of `migrate`. */
export interface MigrateOptions {
  /**
   * Whether to apply a migration although workers are alive that cannot live with it. Default false. A migration may
   * refuse by itself all the same: `0009_three_places` does.
   */
  force?: boolean;
}

/**
 * The number of the advisory lock for migrations: the bytes of "millrace" as a signed 64-bit integer, so that other
 * software is unlikely to use the same number.
 */
const MIGRATION_LOCK = "7883951835720016741";

/** How long a migration waits for a table lock. While it waits, all later queries on the table wait behind it. */
const LOCK_TIMEOUT = "5s";

/**
 * Makes this transaction the only one that changes the schema, and bounds its waits for locks.
 *
 * Guarantees: one caller at a time; each other caller waits for the advisory lock.
 * Index: none.
 * No row: never.
 */
export async function lockMigrations(client: PoolClient): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock($1::bigint)", [MIGRATION_LOCK]);
  await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  // Otherwise an operator or a function that somebody made in another schema could become a part of a view.
  await client.query("SET LOCAL search_path = pg_catalog, pg_temp");
}

/**
 * Reads how many migrations a database has that needs none, without the rights that a migration needs.
 *
 * Guarantees: reads only.
 * Index: none; reads the whole table of migrations.
 * No row: never. Returns null if the database lacks a migration, or if this role cannot read which it has.
 */
export async function readIfComplete(client: PoolClient): Promise<MigrateResult | null> {
  // Another transaction may have locked the table.
  await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  const { rows: rights } = await client.query<{ readable: boolean }>(
    "SELECT coalesce(has_table_privilege(to_regclass('millrace.migrations'), 'SELECT'), false) AS readable",
  );
  if (rights[0]?.readable !== true) return null;
  const { newest, total } = knownMigrations();
  const { rows } = await client.query<{ last: string | null; newer: number }>(COUNT_APPLIED, [newest]);
  if (Number(rows[0]?.last ?? -1) < newest) return null;
  return { applied: 0, total, newer: rows[0]?.newer ?? 0 };
}

const COUNT_APPLIED =
  "SELECT max(created_at) AS last, count(*) FILTER (WHERE created_at > $1)::int AS newer FROM millrace.migrations";

function knownMigrations() {
  const migrations = readMigrations();
  return { migrations, total: migrations.length, newest: migrations.at(-1)?.folderMillis ?? -1 };
}

/**
 * Applies the pending migrations in the caller's transaction.
 *
 * Guarantees: one caller at a time; each other caller waits for the advisory lock. Each migration is applied once.
 * Index: none; reads the whole table of migrations.
 * No row: never.
 */
export async function applyPending(
  client: PoolClient,
  { force = false }: MigrateOptions = {},
): Promise<MigrateResult> {
  await lockMigrations(client);
  await client.query("CREATE SCHEMA IF NOT EXISTS millrace");
  await client.query(
    "CREATE TABLE IF NOT EXISTS millrace.migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)",
  );
  const { migrations, newest } = knownMigrations();
  const { rows } = await client.query<{ last: string | null; newer: number }>(COUNT_APPLIED, [newest]);
  const lastMillis = Number(rows[0]?.last ?? -1);
  const pending = migrations.filter((migration) => migration.folderMillis > lastMillis);
  if (!force) await refuseForWorkers(client, pending);
  for (const migration of pending) await applyOne(client, migration);
  return { applied: pending.length, total: migrations.length, newer: rows[0]?.newer ?? 0 };
}

/**
 * Throws `WorkersAliveError` for a migration that a living worker cannot live with.
 *
 * Guarantees: reads only.
 * Index: none; reads all rows of workers.
 * No row: no worker is alive.
 */
async function refuseForWorkers(client: PoolClient, pending: readonly Migration[]): Promise<void> {
  if (pending.length === 0) return;
  const names = pending.map(({ name }) => name);
  const workers = await readLivingWorkers(client);
  const [broken] = brokenRules(names, { rules: MIGRATION_RULES, workers });
  if (broken !== undefined) throw new WorkersAliveError(broken.rule, broken.workers);
}

/**
 * Runs the statements of one migration, and records the migration.
 *
 * Guarantees: both are part of the caller's transaction.
 * Index: none.
 * No row: always; the INSERT returns no rows.
 */
async function applyOne(client: PoolClient, migration: Migration): Promise<void> {
  for (const statement of migration.sql) await client.query(statement);
  await client.query("INSERT INTO millrace.migrations (hash, created_at) VALUES ($1, $2)", [
    migration.hash,
    migration.folderMillis,
  ]);
}
