import { createHash } from "node:crypto";
import type { Pool } from "pg";
import { applyPending, type MigrateResult } from "./apply-migrations.sql.ts";
import { readMigrations } from "./read-migrations.ts";

/** A migration could not be applied; nothing of this call's migrations is left behind. */
export class MigrationError extends Error {
  readonly code = "MIGRATION_FAILED";
  constructor(message: string, options: { cause: unknown }) {
    super(message, options);
    this.name = "MigrationError";
  }
}

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
