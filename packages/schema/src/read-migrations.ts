import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";

const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));

/** A migration of this release. */
export interface Migration extends MigrationMeta {
  /** The name of its file, without the ending. */
  name: string;
}

/** Reads this release's migrations, the oldest first. */
export function readMigrations(): Migration[] {
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
