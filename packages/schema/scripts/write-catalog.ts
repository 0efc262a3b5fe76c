import { writeFile } from "node:fs/promises";
import { createTestDatabase, startTestServer } from "@millrace/testpg";
import { Pool } from "pg";
import { CATALOG_FILE, catalogText } from "../src/catalog/expected-catalog.ts";
import { readCatalog } from "../src/catalog/read-catalog.sql.ts";
import { migrate } from "../src/migrate.ts";

// Writes catalog.json: what this release's migrations make in an empty database. Run by `pnpm db:catalog`.
const server = await startTestServer();
const database = await createTestDatabase({ serverUrl: server.url });
const pool = new Pool({ connectionString: database.url, max: 1 });
// The database is dropped while the pool's connection closes.
pool.on("error", () => undefined);
try {
  await migrate(pool);
  await writeFile(CATALOG_FILE, catalogText(await readCatalog(pool)));
} finally {
  await pool.end();
  await database.drop();
  await server.stop();
}
