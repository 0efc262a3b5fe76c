import { type PostgresOptions, startPostgres, type TestDatabase } from "./start-postgres.ts";

/**
 * Gets a server as `startPostgres` does, and creates a database on the server. `drop` removes the database, and stops
 * the server. The server of TEST_DATABASE_URL goes on, and its template serves the next call: `testpg -- node --test`
 * starts one server for all test files. Throws as `startPostgres` does.
 *
 * @example
 * await using database = await createTestDatabase();
 * const jobs = createTestQueue({ pool: database.pool(), tasks: [sendReceipt] });
 */
export async function createTestDatabase(options: PostgresOptions = {}): Promise<TestDatabase> {
  const postgres = await startPostgres(options);
  const database = await postgres.createDatabase().catch(async (error: unknown) => {
    await postgres.stop();
    throw error;
  });
  const drop = async (): Promise<void> => {
    await database.drop();
    await postgres.stop();
  };
  return { ...database, drop, [Symbol.asyncDispose]: drop };
}
