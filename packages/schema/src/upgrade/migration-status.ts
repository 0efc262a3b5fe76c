import type { Pool, PoolClient } from "pg";
import { inOneTransaction } from "../in-one-transaction.ts";
import { readMigrations } from "../read-migrations.ts";
import { readSchemaVersion, type SchemaVersion } from "../schema-version.sql.ts";
import { brokenRules } from "./check-workers.ts";
import { type LivingWorker, readLivingWorkers } from "./living-workers.sql.ts";
import { MIGRATION_RULES } from "./migration-rules.ts";
import { readAppliedInstants } from "./read-applied.sql.ts";

/** A migration that a database lacks. */
export interface PendingMigration {
  name: string;
  /** When the migration was written, in ms since 1970: `created_at` of its row in `millrace.migrations`. */
  at: number;
  /** The statements, in their order. */
  statements: string[];
  /** The living workers that cannot live with the migration. `migrate` refuses it while there are any. */
  blockedBy: LivingWorker[];
}

/** Where a database stands, compared with this release. */
export interface MigrationStatus {
  version: SchemaVersion;
  /** The names of this release's migrations that the database has, the oldest first. */
  applied: string[];
  /** The migrations that `migrate` would apply, in their order. */
  pending: PendingMigration[];
  /** How many migrations the database has that this release does not know. */
  newer: number;
  /** The workers that are alive, by their ids. */
  workers: LivingWorker[];
}

/**
 * Tells which migrations a database has and lacks, what `migrate` would run, and which workers are alive. Changes
 * nothing. Throws the database's error.
 *
 * @example
 * const { pending } = await readMigrationStatus(pool);
 * for (const { name, statements } of pending) console.log(name, statements.length);
 */
export async function readMigrationStatus(pool: Pool): Promise<MigrationStatus> {
  const version = await readSchemaVersion(pool);
  return inOneTransaction(pool, async (client) => ({ version, ...(await readParts(client)) }));
}

async function readParts(client: PoolClient): Promise<Omit<MigrationStatus, "version">> {
  const instants = await readAppliedInstants(client);
  const workers = await readLivingWorkers(client);
  const migrations = readMigrations();
  const last = instants.at(-1) ?? -1;
  const missing = migrations.filter(({ folderMillis }) => folderMillis > last);
  const broken = brokenRules(
    missing.map(({ name }) => name),
    { rules: MIGRATION_RULES, workers },
  );
  return {
    applied: migrations.filter(({ folderMillis }) => folderMillis <= last).map(({ name }) => name),
    pending: missing.map(({ name, folderMillis, sql }) => ({
      name,
      at: folderMillis,
      statements: sql.map((statement) => statement.trim()),
      blockedBy: broken.find(({ rule }) => rule.migration === name)?.workers ?? [],
    })),
    newer: instants.filter((instant) => instant > (migrations.at(-1)?.folderMillis ?? -1)).length,
    workers,
  };
}
