import { parseArgs } from "node:util";
import { ignoreIdleCuts } from "@millrace/base";
import { createDashboard, serveDashboard } from "@millrace/dashboard";
import { migrate } from "@millrace/schema/migrations";
import { type EmbeddedPostgres, startEmbeddedPostgres, throwawaySettings } from "@millrace/testpg";
import pg from "pg";
import { type Browser, chromium } from "playwright-core";
import { startBrowser } from "../test/browser/start-browser.ts";
import { ensureBundle } from "./ensure-bundle.ts";
import { costTable, type PageCost, quickest, slowestStatements } from "./page-costs/cost-table.ts";
import { fillLarge } from "./page-costs/fill-large.sql.ts";
import { loadPage } from "./page-costs/load-page.ts";
import { type MeasuredPage, measuredPages } from "./page-costs/measured-pages.sql.ts";
import {
  type Cost,
  forgetCosts,
  MEASURED_ROLE,
  prepareMeasuring,
  readCosts,
} from "./page-costs/statement-costs.sql.ts";

// Measures what each page costs the database when the tables are large. Fills a throwaway database, which needs about
// 10 GB of disk for the default amounts, and drops it in the end. With --folder, the database is kept there, and the
// next run measures it again without filling it.

const { values } = parseArgs({
  options: {
    waiting: { type: "string", default: "1000000" },
    ended: { type: "string", default: "10000000" },
    /** Measures only pages whose name includes this. */
    page: { type: "string", default: "" },
    folder: { type: "string" },
  },
});

const WARM_VISITS = 3;
const tell = (text: string) => process.stderr.write(`${new Date().toISOString()} ${text}\n`);

await ensureBundle();
const server = await startEmbeddedPostgres({
  ...(values.folder === undefined ? {} : { dataDir: values.folder }),
  settings: {
    ...throwawaySettings,
    shared_preload_libraries: "pg_stat_statements",
    "pg_stat_statements.track_planning": "on",
    shared_buffers: "1GB",
    max_wal_size: "4GB",
    maintenance_work_mem: "256MB",
  },
});
try {
  await fill(server.url);
  const costs = await measure(server);
  process.stdout.write(`${costTable(costs)}\n`);
  tell(`The slowest statements:\n${slowestStatements(costs, 6)}`);
} finally {
  await server.stop();
}

async function fill(url: string): Promise<void> {
  await withPool(url, async (pool) => {
    const { applied } = await migrate(pool);
    if (applied === 0) return;
    await prepareMeasuring(pool);
    await fillLarge(pool, { waiting: Number(values.waiting), ended: Number(values.ended) }, tell);
  });
}

async function measure(server: EmbeddedPostgres): Promise<PageCost[]> {
  const pages = await withPool(server.url, measuredPages);
  const { provided, stop } = await startBrowser();
  if ("missing" in provided) throw new Error(`There is no browser to open the pages: ${provided.missing}`);
  const browser = await chromium.connect(provided.wsEndpoint);
  const costs: PageCost[] = [];
  for (const page of pages.filter(({ name }) => name.includes(values.page))) {
    await server.restart();
    const cost = await withPool(server.url, (pool) => costOf(page, { pool, browser }));
    const { cold, warm } = cost;
    tell(`${page.name}: ${cold.cpuMs.toFixed(0)} ms of processor cold, ${warm.cpuMs.toFixed(0)} ms warm`);
    costs.push(cost);
  }
  await browser.close();
  await stop();
  return costs;
}

async function costOf(
  page: MeasuredPage,
  { pool, browser }: { pool: pg.Pool; browser: Browser },
): Promise<PageCost> {
  const url = new URL(server.url);
  url.username = MEASURED_ROLE;
  const visits: Cost[] = [];
  for (let visit = 0; visit <= WARM_VISITS; visit++) {
    // A dashboard of its own for each visit: nothing is kept from the visit before.
    const dashboard = createDashboard({ db: url.href, authorize: () => "all" });
    const served = await serveDashboard(dashboard, { port: 0 });
    await forgetCosts(pool);
    await loadPage(browser, `${served.origin}${page.path}`);
    visits.push(await readCosts(pool));
    await served.close();
  }
  const [cold, ...warm] = visits;
  if (cold === undefined) throw new Error("the page was not visited");
  return { name: page.name, cold, warm: quickest(warm) };
}

async function withPool<T>(url: string, use: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  ignoreIdleCuts(pool);
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}
