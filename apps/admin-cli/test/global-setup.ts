import { migrate, migrationsHash } from "@millrace/schema/migrations";
import { databaseSetup } from "@millrace/testpg/vitest";
import pg from "pg";

/** Every test file starts from a database that holds the millrace schema and no rows. */
export const setup = databaseSetup({
  key: migrationsHash(),
  async prepare(url) {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    // pool.end() does not wait for its connections to close, and the server may cut them first.
    pool.on("error", () => undefined);
    await migrate(pool);
    await pool.end();
  },
});
