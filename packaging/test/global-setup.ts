import { migrate, migrationsHash } from "@millrace/schema/migrations";
import { databaseSetup } from "@millrace/testpg/vitest";
import pg from "pg";

/** Every test file gets a clone of a migrated database. */
export const setup = databaseSetup({
  key: migrationsHash(),
  async prepare(url) {
    const pool = new pg.Pool({ connectionString: url });
    // The template's connections are cut while they close.
    pool.on("error", () => undefined);
    await migrate(pool);
    await pool.end();
  },
});
