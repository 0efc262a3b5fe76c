export { type DatabaseSetupOptions, databaseSetup, type MillraceTestDatabase } from "./database-setup.ts";
export { type FileDatabase, FileDatabaseError, useTestDatabase } from "./use-test-database.ts";
