import pg from "pg";
import { fillDue } from "../server/fill-due.ts";
import type { PostgresServer } from "../server/postgres-server.ts";
import { walPosition } from "../server/wal-position.ts";
import { type BenchCase, QUEUES, type RunContext } from "./bench-case.ts";
import { drainStore } from "./drain-store.ts";

/** (h) What a job costs: processor time, write-ahead log, statements. */
export const cost: BenchCase = {
  id: "h",
  title: "Cost of a job",
  description:
    "bulk enqueue of 1,000 at a time, then a drain with one worker process; CPU of the drain alone, " +
    "a worker's from its first handler on, the server's with its background processes",
  metrics: [
    { key: "workerCpu", label: "worker CPU", unit: "µs", better: "lower" },
    { key: "serverCpu", label: "server CPU", unit: "µs", better: "lower" },
    { key: "walEnqueue", label: "WAL to enqueue", unit: "bytes", better: "lower" },
    { key: "walRun", label: "WAL to run", unit: "bytes", better: "lower" },
    { key: "wal", label: "WAL in all", unit: "bytes", better: "lower" },
    { key: "statements", label: "statements to run a job", unit: "statements", better: "lower" },
  ],
  quick: true,
  variants: () => [{ key: "cost", label: "one worker process", value: 1 }],
  roles: QUEUES,
  async run(context) {
    const store = await context.server.openStore(context.adapter, { due: 0 });
    const meter = await openMeter(context, store.url);
    try {
      return await measure(context, store, meter);
    } finally {
      await meter.close();
      await store.drop();
    }
  },
};

async function measure(
  { adapter, server, sizes }: RunContext,
  store: { url: string; drop(): Promise<void> },
  meter: Meter,
) {
  const jobs = sizes.costJobs;
  const atFirst = await meter.read();
  await fillDue(adapter, store.url, jobs);
  const filled = await meter.read();
  const cpuBefore = await server.cpuMs();
  const drained = await drainStore(store, { adapter, jobs, processes: 1, limitMs: sizes.drainLimitMs });
  const cpuAfter = await server.cpuMs();
  const atLast = await meter.read();

  const perJob = (before: number, after: number) => (after - before) / drained.handled;
  const wal = atFirst.walBytes !== null && filled.walBytes !== null && atLast.walBytes !== null;
  const walEnqueue = ((filled.walBytes ?? 0) - (atFirst.walBytes ?? 0)) / jobs;
  const walRun = perJob(filled.walBytes ?? 0, atLast.walBytes ?? 0);
  return {
    workerCpu: (drained.workerCpuMs * 1_000) / drained.handled,
    ...(cpuBefore === null || cpuAfter === null ? {} : { serverCpu: perJob(cpuBefore, cpuAfter) * 1_000 }),
    ...(wal ? { walEnqueue, walRun, wal: walEnqueue + walRun } : {}),
    ...(filled.statements === null || atLast.statements === null
      ? {}
      : { statements: perJob(filled.statements, atLast.statements) }),
  };
}

interface Reading {
  walBytes: number | null;
  statements: number | null;
}

interface Meter {
  read(): Promise<Reading>;
  close(): Promise<void>;
}

async function openMeter({ adapter, postgres }: RunContext, url: string): Promise<Meter> {
  if (adapter.server !== "postgres") {
    return { read: async () => ({ walBytes: null, statements: null }), close: async () => {} };
  }
  return openPostgresMeter(postgres, url);
}

async function openPostgresMeter(postgres: PostgresServer, url: string): Promise<Meter> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  if (postgres.countsStatements) {
    await client.query("CREATE EXTENSION pg_stat_statements SCHEMA public");
    // The setting applies to sessions that start from now on, so the meter's own session is not counted.
    const database = pg.escapeIdentifier(new URL(url).pathname.slice(1));
    await client.query(`ALTER DATABASE ${database} SET pg_stat_statements.track = 'top'`);
  }
  return {
    async read() {
      const walBytes = await walPosition(client);
      return { walBytes, statements: postgres.countsStatements ? await countStatements(client) : null };
    },
    close: () => client.end(),
  };
}

async function countStatements(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ calls: string }>(
    `SELECT coalesce(sum(calls), 0) AS calls FROM public.pg_stat_statements
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return Number(rows[0]?.calls);
}
