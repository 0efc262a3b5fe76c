import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { ignoreIdleCuts } from "@millrace/base";
import { ACTIONS, createDashboard, serveDashboard } from "@millrace/dashboard";
import { migrate } from "@millrace/schema/migrations";
import { startEmbeddedPostgres, throwawaySettings } from "@millrace/testpg";
import pg from "pg";
import { ensureBundle } from "./ensure-bundle.ts";
import { withOutputs } from "./incident/command-outputs.ts";
import { commandOn } from "./incident/commands.ts";
import { createDatabase } from "./incident/create-database.sql.ts";
import { startPictures } from "./incident/pictures.ts";
import { startShop } from "./incident/shop.ts";
import { walkThroughIncident } from "./incident/walk.ts";

// Makes the incident of docs/operations.md: the pictures in docs/images, and the outputs of the commands in the page.

const DOCS = resolve(import.meta.dirname, "../../../docs");
const PAGE = resolve(DOCS, "operations.md");

/** The name of the shop's database, which pictures and outputs show. */
const DATABASE = "shop";

await ensureBundle();
const server = await startEmbeddedPostgres({ settings: throwawaySettings });
try {
  await walk(await createDatabase(server.url, DATABASE));
} finally {
  await server.stop("immediate");
}

async function walk(databaseUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
  ignoreIdleCuts(pool);
  await migrate(pool);
  const shop = await startShop(pool);
  const dashboard = createDashboard({
    db: databaseUrl,
    authorize: () => ({ actions: ACTIONS, who: "ada" }),
  });
  const served = await serveDashboard(dashboard, { port: 0 });
  const pictures = await startPictures(served.origin, resolve(DOCS, "images"));
  try {
    const outputs = await walkThroughIncident(shop, pictures, commandOn(databaseUrl));
    writeFileSync(PAGE, withOutputs(readFileSync(PAGE, "utf8"), outputs));
  } finally {
    await pictures.close();
    await served.close();
    await shop.stop();
    await pool.end();
  }
}
