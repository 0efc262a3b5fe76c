import { migrate, migrationsHash } from "@millrace/schema";
import { databaseSetup } from "@millrace/testing/vitest";
import { Pool } from "pg";

export const setup = databaseSetup({
  key: migrationsHash(),
  async prepare(url) {
    const pool = new Pool({ connectionString: url });
    await migrate(pool);
    await pool.end();
  },
});
