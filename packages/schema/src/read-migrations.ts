import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Migration } from "./migration.ts";

const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));

/**
 * Reads this release's migrations, the oldest first. The build replaces this file by one that holds the migrations
 * (`scripts/inline-migrations.ts`), because an application that is bundled into one file has no folder of migrations.
 */
export function readMigrations(): readonly Migration[] {
  // The boundary: drizzle-kit writes the file, and drizzle-orm has just read the same entries from it.
  const journal = JSON.parse(readFileSync(join(migrationsFolder, "meta", "_journal.json"), "utf8")) as {
    entries: { when: number; tag: string }[];
  };
  const names = new Map(journal.entries.map(({ when, tag }) => [when, tag]));
  return readMigrationFiles({ migrationsFolder }).map((migration) => ({
    ...migration,
    name: names.get(migration.folderMillis) ?? String(migration.folderMillis),
  }));
}
