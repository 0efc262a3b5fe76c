import { databaseSetup } from "@millrace/testing/vitest";

/** One PostgreSQL for the run, and a clone of a migrated database for each test file. */
export const setup = databaseSetup();
