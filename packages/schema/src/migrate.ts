import { createHash } from "node:crypto";
import type { Pool } from "pg";
import {
  applyPending,
  type MigrateOptions,
  type MigrateResult,
  readIfComplete,
} from "./apply-migrations.sql.ts";
import { inOneTransaction } from "./in-one-transaction.ts";
import { readMigrations } from "./read-migrations.ts";
import { renewGrants } from "./role/migrate-roles.ts";
import { WorkersAliveError } from "./upgrade/check-workers.ts";

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
 * - A database that lacks no migration needs no right but to read which it has. So a worker without the right to change
 *   the schema may call `migrate`, too.
 * - The rights of Millrace's roles are kept up to date if `migrateRoles` has been called.
 * - If a newer release has migrated the database, nothing changes, and `newer` in the result is above 0.
 * - A migration that workers of an earlier release cannot live with is refused while one of them is alive.
 *
 * Throws `WorkersAliveError` (`WORKERS_ALIVE`), and `MigrationError` (`MIGRATION_FAILED`), also after 5 s of waiting
 * for a table lock.
 *
 * @example
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL });
 * const { applied, total } = await migrate(pool);
 * console.log(`Applied ${applied} of ${total} migrations.`);
 */
export async function migrate(pool: Pool, options: MigrateOptions = {}): Promise<MigrateResult> {
  try {
    return await inOneTransaction(pool, async (client) => {
      const complete = await readIfComplete(client);
      if (complete !== null) return complete;
      const result = await applyPending(client, options);
      if (result.applied > 0) await renewGrants(client);
      return result;
    });
  } catch (error) {
    if (error instanceof WorkersAliveError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = isForbidden(error) ? ` ${NOT_OWNER}` : "";
    throw new MigrationError(
      `Could not migrate the millrace schema: ${reason}. Nothing was changed.${remedy}`,
      { cause: error },
    );
  }
}

const NOT_OWNER =
  "This role may not change the schema: run `millrace migrate` as the schema's owner, and start workers with " +
  "MILLRACE_MIGRATE=false.";

/** Whether PostgreSQL refused because of a missing right: SQLSTATE 42501, insufficient_privilege. */
function isForbidden(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "42501";
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
