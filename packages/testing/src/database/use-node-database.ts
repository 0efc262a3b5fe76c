import { after } from "node:test";
import { createTestDatabase } from "./create-test-database.ts";
import type { PostgresOptions, TestDatabase } from "./start-postgres.ts";

/**
 * Gives a test file of node:test a database of its own, which is dropped after the file. Await it at the top of the
 * file: node:test does not wait for one `before` hook of a file before it begins the next. Each file starts a server,
 * unless `testpg -- node --test` or TEST_DATABASE_URL gives one to all files. Throws as `startPostgres` does.
 *
 * @example
 * const database = await useTestDatabase();
 * const jobs = createTestQueue({ pool: database.pool(), tasks: [charge] });
 */
export async function useTestDatabase(options: PostgresOptions = {}): Promise<TestDatabase> {
  const database = await createTestDatabase(options);
  after(() => database.drop());
  return database;
}
