import { type Clock, createQueue, type QueueDepth } from "@millrace/queue";
import { readSchemaVersion, type SchemaVersion } from "@millrace/schema/migrations";
import type { Pool } from "pg";
import { Gauge, type Registry } from "prom-client";
import { CachedRead, type ReadAnswer } from "../database/cached-read.ts";
import { readOnConnection } from "../database/read-on-connection.ts";
import { readServerState, type ServerState } from "../store/read-server-state.ts";
import { LabelLimit } from "./label-limit.ts";

/** How long the gauges of the database stay as they were read, in ms, however often they are scraped. */
const KEEP_MS = 10_000;
/** How long a scrape waits for the database, in ms: Prometheus gives up after 10 s, and then has nothing at all. */
const WAIT_MS = 5_000;
/** How long a read may take before its connection is given up, in ms: longer than a scrape waits. */
const READ_MS = 15_000;
/** How many due jobs of a queue are counted at most. What a read costs is bounded by this. */
const DEPTH_MAX = 10_000;

/** What was read of the database for one set of gauges. */
interface DatabaseState {
  depths: readonly QueueDepth[];
  schema: SchemaVersion;
  server: ServerState;
}

/** What the gauges of the database need. */
export interface DatabaseGaugesOptions {
  pool: Pool;
  clock: Clock;
}

/** Registers the gauges of the database. They are read when the registry is scraped, and at most every 10 s. */
export function registerDatabaseGauges(registry: Registry, { pool, clock }: DatabaseGaugesOptions): void {
  const reads = new CachedRead<DatabaseState>({
    clock,
    keepMs: KEEP_MS,
    limitMs: WAIT_MS,
    // One after the other: the gauges take no more than one connection of the pool.
    read: () =>
      readOnConnection(pool, { clock, limitMs: READ_MS }, async (db) => {
        const depths = await createQueue(db).depths({ max: DEPTH_MAX });
        const schema = await readSchemaVersion(db);
        return { depths, schema, server: await readServerState(db) };
      }),
  });
  registerUp(registry, reads);
  registerQueueGauges(registry, reads);
  registerServerGauges(registry, reads);
}

function registerUp(registry: Registry, reads: CachedRead<DatabaseState>): void {
  new Gauge({
    name: "millrace_database_up",
    help: "1 if the database answered the last read for these metrics, else 0; then its other gauges have no value.",
    registers: [registry],
    async collect() {
      this.set((await reads.get()).ok ? 1 : 0);
    },
  });
}

function registerQueueGauges(registry: Registry, reads: CachedRead<DatabaseState>): void {
  const queues = new LabelLimit();
  const gauge = (name: string, help: string, fill: (depth: QueueDepth) => QueueSample | null) =>
    new Gauge({
      name,
      help,
      labelNames: ["queue"],
      registers: [registry],
      async collect() {
        const answer = await reads.get();
        this.reset();
        for (const [label, value] of byLabel(answer, queues, fill)) this.set({ queue: label }, value);
      },
    });
  gauge(
    "millrace_queue_jobs_due",
    `Due jobs, counted up to ${DEPTH_MAX} in a queue, and less far in many queues.`,
    (depth) => ({
      value: depth.due.count,
      join: sum,
    }),
  );
  gauge("millrace_queue_jobs_running", "Jobs that workers have claimed and not ended.", (depth) => ({
    value: depth.running,
    join: sum,
  }));
  gauge(
    "millrace_queue_oldest_due_seconds",
    "How long the oldest due job has been due; 0 if none is due.",
    (depth) => ({
      value: (depth.oldestDueMs ?? 0) / 1_000,
      join: Math.max,
    }),
  );
  gauge("millrace_queue_paused", "1 if the queue is paused, else 0.", (depth) => ({
    value: depth.pausedAt === null ? 0 : 1,
    join: Math.min,
  }));
}

interface QueueSample {
  value: number;
  /** Joins the values of two queues that share a label. */
  join(one: number, other: number): number;
}

const sum = (one: number, other: number) => one + other;

function byLabel(
  answer: ReadAnswer<DatabaseState>,
  queues: LabelLimit,
  fill: (depth: QueueDepth) => QueueSample | null,
): Map<string, number> {
  const values = new Map<string, number>();
  if (!answer.ok) return values;
  for (const depth of answer.value.depths) {
    const sample = fill(depth);
    if (sample === null) continue;
    const label = queues.of(depth.queue);
    const before = values.get(label);
    values.set(label, before === undefined ? sample.value : sample.join(before, sample.value));
  }
  return values;
}

function registerServerGauges(registry: Registry, reads: CachedRead<DatabaseState>): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (state: DatabaseState) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const answer = await reads.get();
        if (answer.ok) this.set(read(answer.value));
        else this.remove();
      },
    });
  gauge(
    "millrace_workers_alive",
    "Workers that were seen in the last 30 s.",
    ({ server }) => server.livingWorkers,
  );
  gauge("millrace_schema_version", "How many migrations the database has.", ({ schema }) => schema.database);
  gauge(
    "millrace_release_schema_version",
    "How many migrations the release of this process has.",
    ({ schema }) => schema.release,
  );
  gauge(
    "millrace_oldest_snapshot_seconds",
    "For how long the oldest transaction has been open that keeps dead rows; 0 for none.",
    ({ server }) => server.oldestSnapshotSeconds,
  );
  new Gauge({
    name: "millrace_table_dead_rows",
    help: "Dead rows of a table of the schema, by the server's estimate.",
    labelNames: ["table"],
    registers,
    async collect() {
      const answer = await reads.get();
      this.reset();
      if (!answer.ok) return;
      for (const [table, rows] of answer.value.server.deadRows) this.set({ table }, rows);
    },
  });
}
