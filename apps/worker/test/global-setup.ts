import { migrate, migrationsHash } from "@millrace/schema/migrations";
import { databaseSetup } from "@millrace/testpg/vitest";
import { Pool } from "pg";

export const setup = databaseSetup({
  key: migrationsHash(),
  async prepare(url) {
    const pool = new Pool({ connectionString: url });
    // The template's connections are cut while they close.
    pool.on("error", () => undefined);
    await migrate(pool);
    await pool.end();
  },
});
