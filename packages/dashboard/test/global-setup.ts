import { migrate, migrationsHash } from "@millrace/schema/migrations";
import { databaseSetup } from "@millrace/testpg/vitest";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { ensureBundle } from "../scripts/ensure-bundle.ts";
import { startBrowser } from "./browser/start-browser.ts";

const setupDatabase = databaseSetup({
  key: migrationsHash(),
  async prepare(url) {
    const pool = new pg.Pool({ connectionString: url });
    // end() resolves before the server has let go of the connections, and what it still says ends the process.
    pool.on("error", () => undefined);
    await migrate(pool);
    await pool.end();
  },
});

/** Every test file gets a clone of a migrated database, the built pages, and one browser for all files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureBundle();
  const stopDatabase = await setupDatabase(project);
  const browser = await startBrowser();
  project.provide("millraceTestBrowser", browser.provided);
  return async () => {
    await browser.stop();
    await stopDatabase();
  };
}
