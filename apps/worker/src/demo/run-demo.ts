import { reasonOf } from "@millrace/base";
import { systemClock } from "@millrace/queue";
import type { Pool } from "pg";
import type { AppEvent } from "../app-event.ts";
import type { Settings } from "../config/settings.ts";
import { createPool } from "../create-pool.ts";
import type { ExitCode } from "../run-worker.ts";
import { startWorker } from "../start-worker.ts";
import { stopSignals } from "../stop-signals.ts";
import { type AccountLine, accountOf, formatLine } from "./account.ts";
import { demoHeader } from "./demo-header.ts";
import { type DemoServer, startDemoServer } from "./demo-server.ts";
import { demoTasks } from "./demo-tasks.ts";
import { DEMO_QUEUE, DEMO_ROWS, DEMO_TYPES, enqueueDemoJobs, prepareDemo } from "./demo-workload.ts";
import { isShopEvent } from "./shop/is-shop-event.ts";
import { shopTasks } from "./shop/shop-tasks.ts";
import { openShop, SHOP_QUEUES } from "./shop/shop-workload.ts";
import { startDemoDashboard } from "./start-demo-dashboard.ts";
import { startDemoDatabase } from "./start-demo-database.ts";
import { countDemoRows, DEMO_TABLE } from "./store/demo-rows.ts";

/** The settings of the demo, and where the demo writes. */
export interface DemoOptions {
  settings: Settings;
  /** The data folder of the demo's PostgreSQL. */
  dataDir: string;
  /** Whether to serve the dashboard. */
  dashboard: boolean;
  /** Whether to print in colour. */
  colour: boolean;
  write(text: string): void;
}

/** Starts a PostgreSQL, runs Millrace on this PostgreSQL until SIGTERM or SIGINT, and prints what happens. */
export async function runDemo(options: DemoOptions): Promise<ExitCode> {
  const beganAt = systemClock.now();
  const tell = (line: AccountLine) => {
    const format = { elapsedMs: systemClock.now() - beganAt, colour: options.colour };
    options.write(`${formatLine(line, format)}\n`);
  };
  const stopping = stopSignals((code) => process.exit(code));
  await using resources = new AsyncDisposableStack();
  resources.defer(() => stopping.dispose());

  options.write("Starting PostgreSQL. The first start takes a few seconds.\n");
  const database = await startDemoDatabase(options.dataDir);
  resources.defer(async () => {
    await database.stop();
    tell({ what: "stopped", subject: "PostgreSQL", detail: "its data is kept", tone: "plain" });
  });
  const onError = ({ message }: Error) => {
    // While the demo stops, the server may stop before the last connection has closed.
    if (!stopping.signal.aborted) tell({ what: "lost", subject: "database", detail: message, tone: "bad" });
  };
  const pool = createPool({ databaseUrl: database.url, applicationName: "demo", connectionsMax: 2, onError });
  resources.defer(() => pool.end());
  const server = await startDemoServer(({ method, path, body }) =>
    tell({ what: "received", subject: `${method} ${path}`, detail: body, tone: "plain" }),
  );
  resources.defer(() => server.stop());
  await prepareDemo(pool);
  const dashboard = options.dashboard
    ? await startDemoDashboard({
        databaseUrl: database.url,
        write: options.write,
        onOpen: () => void openShop(pool).catch((error) => tell(shopError(error))),
        signal: stopping.signal,
      })
    : null;
  if (dashboard !== null) resources.defer(() => dashboard.stop());
  options.write(`${demoHeader({ ...database, dashboard: dashboard?.line ?? null })}\n`);
  await work({ options, tell, pool, server, databaseUrl: database.url, signal: stopping.signal });
  return 0;
}

/** How long the demo lets jobs go on when it stops: its reports are queued again, and nobody waits for them. */
const GRACE_MS = 1_000;

interface Work {
  options: DemoOptions;
  tell(line: AccountLine): void;
  pool: Pool;
  server: DemoServer;
  databaseUrl: string;
  signal: AbortSignal;
}

async function work({ options, tell, pool, server, databaseUrl, signal }: Work): Promise<void> {
  const { settings } = options;
  const left = new Set(DEMO_TYPES);
  const counts: Promise<void>[] = [];
  const onEvent = (event: AppEvent) => {
    if (isShopEvent(event)) return;
    const line = event.kind === "connection-lost" && signal.aborted ? null : accountOf(event);
    if (line !== null) tell(line);
    if (event.kind !== "job-completed" || event.job.queue !== DEMO_QUEUE) return;
    if (event.job.type === "rows.prune") counts.push(tellRowsLeft(pool, tell));
    if (left.delete(event.job.type) && left.size === 0) tell(ALL_SHOWN);
  };
  const worker = await startWorker({
    config: {
      ...settings,
      databaseUrl,
      queues: [...settings.queues, DEMO_QUEUE, ...SHOP_QUEUES],
      schedules: true,
      // The built-in tasks reach only what the configuration names: the demo's own server and table.
      httpHosts: [...settings.httpHosts, new URL(server.url).host],
      pruneTables: [...settings.pruneTables, `${DEMO_TABLE.schema}.${DEMO_TABLE.table}.${DEMO_TABLE.column}`],
      shutdownGraceMs: Math.min(settings.shutdownGraceMs, GRACE_MS),
    },
    tasks: [...demoTasks, ...shopTasks(systemClock)],
    onEvent,
    signal,
  });
  if (!signal.aborted) await enqueueDemoJobs(pool, server.url);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await worker?.stop();
  await Promise.all(counts);
}

const ALL_SHOWN: AccountLine = {
  what: "all done",
  subject: "demo",
  detail: "the schedule goes on ticking every 5 s; Ctrl-C stops",
  tone: "good",
};

function shopError(error: unknown): AccountLine {
  return { what: "error", subject: "shop", detail: `could not open: ${reasonOf(error)}`, tone: "bad" };
}

async function tellRowsLeft(pool: Pool, tell: Work["tell"]): Promise<void> {
  const left = await countDemoRows(pool);
  const detail = `${left} of ${DEMO_ROWS.count} rows left, none older than ${DEMO_ROWS.olderThan}`;
  tell({ what: "counted", subject: "demo.page_views", detail, tone: "plain" });
}
