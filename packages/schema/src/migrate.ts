import { createHash } from "node:crypto";
import type { Pool } from "pg";
import { applyPending, type MigrateResult } from "./apply-migrations.sql.ts";
import { readMigrations } from "./read-migrations.ts";

/** A migration could not be applied. The failed call changed nothing in the database. */
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
 * - Applied migrations are recorded in `millrace.migrations`, in the format of `drizzle-kit migrate`.
 * - `migrate` works through a transaction pooler, because it uses no session state.
 * - If a newer release has migrated the database, nothing changes, and `newer` in the result is above 0.
 *
 * Throws `MigrationError` (`MIGRATION_FAILED`), also after 5 s of waiting for a table lock.
 *
 * @example
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL });
 * const { applied, total } = await migrate(pool);
 * console.log(`Applied ${applied} of ${total} migrations.`);
 */
export async function migrate(pool: Pool): Promise<MigrateResult> {
  const client = await pool.connect();
  let broken = false;
  // If the connection is cut, the running statement fails. Without a listener, the error event would end the process.
  const onCut = () => {
    broken = true;
  };
  client.on("error", onCut);
  try {
    // READ COMMITTED: after the wait for the migration lock, this transaction must see the migrations that another
    // process has applied.
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    const result = await applyPending(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // If the ROLLBACK fails, the connection is lost, and PostgreSQL rolls the transaction back itself.
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
 * Returns a hash of all migrations: 16 hexadecimal digits. Tests put the hash into the name of their template database,
 * so that a changed migration makes a new template.
 */
export function migrationsHash(): string {
  const hash = createHash("sha256");
  for (const migration of readMigrations()) hash.update(migration.hash);
  return hash.digest("hex").slice(0, 16);
}
