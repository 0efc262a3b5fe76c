import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Migration } from "./migration.ts";

const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));

/**
 * Reads this release's migrations, the oldest first. The build replaces this file by one that holds the migrations
 * (`scripts/inline-migrations.ts`), because an application that is bundled into one file has no folder of migrations.
 */
export function readMigrations(): readonly Migration[] {
  return readMigrationFiles({ migrationsFolder });
}
