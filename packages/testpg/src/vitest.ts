export { type DatabaseSetupOptions, databaseSetup, type MillraceTestDatabase } from "./database-setup.ts";
export { JOB_TABLES } from "./job-tables.ts";
export { type FileDatabase, FileDatabaseError, useTestDatabase } from "./use-test-database.ts";
