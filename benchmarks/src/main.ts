import { fileURLToPath } from "node:url";
import { REFERENCE_PEER } from "./adapters/registry.ts";
import { thisMachine } from "./machine.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { caseTables } from "./report/case-tables.ts";
import { formatNumber } from "./report/format-number.ts";
import { writePerformancePage } from "./report/performance-page.ts";
import { reportHead } from "./report/report-head.ts";
import { writeResults } from "./report/write-results.ts";
import type { Results } from "./results.ts";
import { runCase } from "./run-cases.ts";
import { type PostgresServer, startPostgresServer } from "./server/postgres-server.ts";
import { findRedis, startRedisServer } from "./server/redis-server.ts";
import type { Server } from "./server/store.ts";
import { sizesOf } from "./sizes.ts";

const FOLDER = fileURLToPath(new URL("../results", import.meta.url));
const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));

const print = (text: string) => process.stdout.write(`${text}\n`);

async function bench(options: BenchOptions): Promise<boolean> {
  const postgres = await startPostgresServer();
  const redis = await startRedis(options);
  try {
    return await measure(options, postgres, redis);
  } finally {
    await redis?.stop();
    await postgres.stop();
  }
}

async function startRedis({ adapters }: BenchOptions): Promise<Server | null> {
  if (!adapters.some((adapter) => adapter.server === "redis")) return null;
  const program = await findRedis(process.env["PATH"] ?? "");
  return program === null ? null : startRedisServer(program);
}

async function measure(
  options: BenchOptions,
  postgres: PostgresServer,
  redis: Server | null,
): Promise<boolean> {
  const { sizes, adapters } = options;
  const results: Results = {
    startedAt: new Date().toISOString(),
    machine: thisMachine(),
    servers: [postgres.description, redis?.description ?? "Redis: not run (no redis-server on the PATH)"],
    sizes: { ...sizes },
    peers: adapters.map(({ id, label, role, configuration, notes }) => ({
      id,
      label,
      role,
      configuration,
      notes,
    })),
    cases: [],
    samples: [],
    absences: [],
  };
  print(reportHead(results));
  const drainRates = new Map<string, number>();
  let files: string[] = [];
  for (const benchCase of options.cases) {
    const { id, title, description, metrics, compareVariants = false } = benchCase;
    const variants = benchCase.variants(sizesOf(sizes, benchCase.id));
    const info = { id, title, description, metrics, compareVariants, variants };
    results.cases = [...results.cases, info];
    const onProgress = (line: string) => process.stderr.write(`${line}\n`);
    await runCase(benchCase, { sizes, adapters, postgres, redis, results, onProgress }, drainRates);
    print(`\n\n${caseTables(results, info, REFERENCE_PEER)}`);
    // Written after every case, so that a run that is stopped after hours keeps its results.
    files = await writeResults(results, { folder: FOLDER, name: options.out, referencePeer: REFERENCE_PEER });
  }
  if (options.renewsPage) files.push(...(await writePerformancePage(results, DOCS)));
  print(`\nWritten: ${files.join(", ")}`);
  print(`Took ${formatNumber((Date.now() - Date.parse(results.startedAt)) / 60_000)} minutes.`);
  return !results.absences.some((absence) => absence.failed);
}

function readOptions(): BenchOptions | null {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

// `process.exit` runs the clean-up of the servers. Worker processes end when this process is gone.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const options = readOptions();
if (options === null) process.stdout.write(USAGE);
else if (!(await bench(options))) process.exitCode = 1;
