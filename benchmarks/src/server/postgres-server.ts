import { setTimeout as pause } from "node:timers/promises";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@millrace/testpg";
import pg from "pg";
import type { Adapter } from "../adapters/adapter.ts";
import { monotonicMs } from "../monotonic-ms.ts";
import { fillDue } from "./fill-due.ts";
import { POSTGRES_SETTINGS, STATEMENT_COUNTING } from "./postgres-settings.ts";
import { processTreeCpuMs } from "./process-cpu.ts";
import type { Seed, Server, Store } from "./store.ts";

/** The PostgreSQL of a benchmark run. */
export interface PostgresServer extends Server {
  /** Whether pg_stat_statements is loaded. */
  readonly countsStatements: boolean;
  /** Drops the seeded templates, at the end of a case. */
  dropTemplates(): Promise<void>;
}

const GOODBYE_MS = 3_000;

/** Makes and keeps the template databases. Each run clones one of them. */
function createTemplates(admin: pg.Pool, urlOf: (name: string) => string) {
  const templates = new Map<string, Promise<string>>();

  /** Fills a template once for all runs with this seed, so that each run starts from the same bytes. */
  function templateOf(adapter: Adapter, seed: Seed): Promise<string> {
    const seeds = [seed.due, seed.kept ?? 0, seed.failed ?? 0, seed.future ?? 0];
    const name = `template_${adapter.id.replaceAll("-", "_")}_${seeds.join("_")}`;
    const found = templates.get(name);
    if (found !== undefined) return found;
    const made = makeTemplate(name, adapter, seed);
    templates.set(name, made);
    return made;
  }

  async function makeTemplate(name: string, adapter: Adapter, seed: Seed): Promise<string> {
    await admin.query(`CREATE DATABASE ${name}`);
    const url = urlOf(name);
    await adapter.prepare(url);
    if (seed.kept !== undefined) await adapter.seedKept?.(url, seed.kept);
    if (seed.failed !== undefined) await adapter.seedFailed?.(url, seed.failed);
    if (seed.future !== undefined) await adapter.seedFuture(url, seed.future);
    await fillDue(adapter, url, seed.due);
    await vacuum(url);
    // PostgreSQL clones a database only when no session uses it, and sessions outlive closed connections for a moment.
    await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    await admin.query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", [
      name,
    ]);
    return name;
  }

  async function dropTemplates(): Promise<void> {
    const made = await Promise.allSettled(templates.values());
    templates.clear();
    for (const template of made) {
      if (template.status === "fulfilled") await admin.query(`DROP DATABASE ${template.value} WITH (FORCE)`);
    }
  }

  return { templateOf, dropTemplates };
}

/** Starts the embedded PostgreSQL that all peers share. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const { postgres, countsStatements } = await start();
  const admin = new pg.Pool({ connectionString: postgres.url, max: 1 });
  let databases = 0;

  const urlOf = (name: string) => postgres.url.replace(/\/postgres$/, `/${name}`);
  const { templateOf, dropTemplates } = createTemplates(admin, urlOf);

  async function openStore(adapter: Adapter, seed: Seed): Promise<Store> {
    const template = await templateOf(adapter, seed);
    databases += 1;
    const name = `run_${databases}`;
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
    await admin.query("CHECKPOINT");
    return {
      url: urlOf(name),
      async drop() {
        await everyoneLeft(name);
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      },
    };
  }

  /** Waits for the sessions of a closed pool to end: a pool would report a forced drop as an error. */
  async function everyoneLeft(name: string): Promise<void> {
    const deadline = monotonicMs() + GOODBYE_MS;
    while (monotonicMs() < deadline) {
      const { rowCount } = await admin.query("SELECT FROM pg_stat_activity WHERE datname = $1", [name]);
      if (rowCount === 0) return;
      await pause(20);
    }
  }

  return {
    description: describe(postgres.version),
    countsStatements,
    openStore,
    dropTemplates,
    cpuMs: () => processTreeCpuMs(postgres.pid),
    async stop() {
      await admin.end();
      await postgres.stop("immediate");
    },
  };
}

async function start(): Promise<{ postgres: EmbeddedPostgres; countsStatements: boolean }> {
  try {
    const settings = { ...POSTGRES_SETTINGS, ...STATEMENT_COUNTING };
    return { postgres: await startEmbeddedPostgres({ settings }), countsStatements: true };
  } catch {
    // On some platforms the binaries may lack the extension pg_stat_statements.
    return {
      postgres: await startEmbeddedPostgres({ settings: POSTGRES_SETTINGS }),
      countsStatements: false,
    };
  }
}

function describe(version: string): string {
  const settings = Object.entries(POSTGRES_SETTINGS).map(([name, value]) => `${name} ${value}`);
  return `PostgreSQL ${version} (embedded): ${settings.join(", ")}`;
}

async function vacuum(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("VACUUM ANALYZE");
  } finally {
    await client.end();
  }
}
