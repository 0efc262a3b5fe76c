// Exports the migrations without Drizzle's table builders: the builders take 100 MB of memory, and a worker needs none.
export type { MigrateResult } from "./apply-migrations.sql.ts";
export { MigrationError, migrate, migrationsHash } from "./migrate.ts";
export { readSchemaVersion, type SchemaVersion } from "./schema-version.sql.ts";
