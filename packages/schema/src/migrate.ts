import { createHash } from "node:crypto";
import type { Pool } from "pg";
import { applyPending, type MigrateResult } from "./apply-migrations.sql.ts";
import { readMigrations } from "./read-migrations.ts";

/** A migration could not be applied. The call that failed left nothing behind. */
export class MigrationError extends Error {
  readonly code = "MIGRATION_FAILED";
  constructor(message: string, options: { cause: unknown }) {
    super(message, options);
    this.name = "MigrationError";
  }
}

/**
 * Brings the database to this release's schema, in one transaction.
 * - Many processes may migrate at once: one process applies the migrations, the others wait and find nothing to do.
 * - `migrate` uses the bookkeeping table of `drizzle-kit migrate`.
 * - `migrate` works through a transaction pooler, because it uses no session state.
 * - A database that a newer release has migrated stays as it is, and the result says so.
 * Throws `MigrationError`.
 */
export async function migrate(pool: Pool): Promise<MigrateResult> {
  const client = await pool.connect();
  let broken = false;
  // A cut connection fails the statement under way. Without a listener, its error event would end the process.
  const onCut = () => {
    broken = true;
  };
  client.on("error", onCut);
  try {
    // READ COMMITTED, whatever the database's default: after the wait for the lock, this transaction must see the
    // migrations that another process has applied meanwhile.
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    const result = await applyPending(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // A failed ROLLBACK means that the connection is lost, and that PostgreSQL ends the transaction.
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

/**
 * Returns a short hash of all migrations. The hash changes exactly when a migration changes. Tests name a migrated
 * template database by this hash.
 */
export function migrationsHash(): string {
  const hash = createHash("sha256");
  for (const migration of readMigrations()) hash.update(migration.hash);
  return hash.digest("hex").slice(0, 16);
}
