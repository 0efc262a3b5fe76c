// Exports the migrations without Drizzle's table builders, which take 100 MB of memory and which a worker does not use.
export type { MigrateOptions, MigrateResult } from "./apply-migrations.sql.ts";
export { MigrationError, migrate, migrationsHash } from "./migrate.ts";
export { migrateRoles, RolesError, type RolesResult } from "./role/migrate-roles.ts";
export { rolesScript } from "./role/role-grants.sql.ts";
export { MILLRACE_ROLES, type MillraceRole } from "./role/role-rights.ts";
export { readSchemaVersion, type SchemaVersion } from "./schema-version.sql.ts";
export { schemaVersionText } from "./schema-version-text.ts";
export { WorkersAliveError, workerText } from "./upgrade/check-workers.ts";
export type { LivingWorker } from "./upgrade/living-workers.sql.ts";
export { MIGRATION_RULES, type MigrationRule } from "./upgrade/migration-rules.ts";
export {
  type MigrationStatus,
  type PendingMigration,
  readMigrationStatus,
} from "./upgrade/migration-status.ts";
