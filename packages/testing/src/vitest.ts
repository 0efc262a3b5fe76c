export { type FileDatabase, FileDatabaseError, useTestDatabase } from "@millrace/testpg/vitest";
export type { PrepareOptions } from "./database/prepare-database.ts";
export { databaseSetup } from "./database/vitest-setup.ts";
