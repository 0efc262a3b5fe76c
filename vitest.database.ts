import { migrate, migrationsHash } from "@millrace/schema/migrations";
import { databaseSetup } from "@millrace/testpg/vitest";
import pg from "pg";

/** The global setup of packages that have none of their own: every test file gets a clone of a migrated database. */
export const setup = databaseSetup({
  key: migrationsHash(),
  async prepare(url) {
    const pool = new pg.Pool({ connectionString: url });
    // end() resolves before the server has let go of the connections, and what it still says ends the process.
    pool.on("error", () => undefined);
    await migrate(pool);
    await pool.end();
  },
});
