import { type AnyTask, createQueue, createWorker, defineTask } from "@millrace/queue";
import { migrate } from "@millrace/schema/migrations";
import pg from "pg";
import { type Payload, payloads } from "../payload.ts";
import { type Adapter, type OpenedWorker, PRODUCER_CONNECTIONS, TASK, type WorkerRun } from "./adapter.ts";
import { runSql } from "./run-sql.ts";
import { sqlInspector } from "./sql-inspector.ts";

/** The fields in which the configurations of Millrace differ. */
export interface MillraceSettings {
  id: string;
  label: string;
  configuration: string;
  notes?: readonly string[];
  role?: "millrace" | "floor";
  /** Absent: the worker's default. */
  concurrency?: number;
  /** Absent: `createWorker` makes the worker. */
  openWorker?(options: WorkerRun): Promise<OpenedWorker>;
}

/** Asks whether a due job is queued or running. The claim index answers, and the claims in flight. */
const UNFINISHED = `
  SELECT EXISTS (SELECT FROM millrace.waiting_jobs WHERE queue = 'default' AND priority = 0 AND run_at <= now())
      OR EXISTS (SELECT FROM millrace.claims) AS unfinished`;

const SEED_FAILED = `
  INSERT INTO millrace.ended_jobs
    (id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes, last_error,
     last_run_at, created_at, ended_at, state)
  SELECT millrace.uuid_v7(), 'default', '${TASK}', json_build_object('n', n, 'sentAt', 0, 'body', repeat('x', 80)), 0,
         now(), n, 'seed', 3, 3, 0, 'Error: seeded', now(), now(), now(), 'failed'
  FROM generate_series(1, $1::int) AS n`;

const MONTH_MS = 30 * 86_400_000;
const SEED_BATCH = 5_000;

/** The adapter of one Millrace configuration. */
export function millrace(settings: MillraceSettings): Adapter {
  return {
    role: "millrace",
    server: "postgres",
    keepsHistory: true,
    ...settings,
    notes: ["keeps its finished jobs; every claim holds a lease that is renewed", ...(settings.notes ?? [])],
    prepare,
    openProducer,
    openInspector: (url) => sqlInspector(url, UNFINISHED),
    openWorker: settings.openWorker ?? ((run) => openWorker(run, settings.concurrency)),
    seedKept,
    seedFailed: (url, count) => runSql(url, SEED_FAILED, [count]),
    seedFuture: (url, count) => enqueueInBatches(url, count, MONTH_MS),
  };
}

async function prepare(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
}

async function openProducer(url: string) {
  const pool = new pg.Pool({ connectionString: url, max: PRODUCER_CONNECTIONS });
  const queue = createQueue(pool);
  return {
    async enqueueOne(payload: Payload) {
      await queue.enqueue(TASK, { ...payload });
    },
    async enqueueMany(jobs: readonly Payload[]) {
      await queue.enqueueMany(jobs.map((payload) => ({ type: TASK, payload: { ...payload } })));
    },
    close: () => pool.end(),
  };
}

async function openWorker(run: WorkerRun, concurrency: number | undefined): Promise<OpenedWorker> {
  const pool = new pg.Pool({ connectionString: run.url });
  await pool.query("SELECT 1");
  const concurrencyWanted = run.concurrency ?? concurrency;
  const worker = createWorker({
    db: pool,
    tasks: [taskOf(run)],
    ...(concurrencyWanted === undefined ? {} : { concurrency: concurrencyWanted }),
    onEvent(event) {
      if (event.kind === "error") process.stderr.write(`millrace: ${event.during}: ${String(event.error)}\n`);
    },
  });
  return {
    async start() {
      worker.start();
    },
    async stop() {
      await worker.stop();
      await pool.end();
    },
  };
}

/** A task without validation, because no peer validates. */
function taskOf(run: WorkerRun): AnyTask {
  const payload = {
    "~standard": {
      version: 1 as const,
      vendor: "benchmarks",
      types: undefined as { input: Payload; output: Payload } | undefined,
      // The boundary: every payload was written by this benchmark.
      validate: (value: unknown) => ({ value: value as Payload }),
    },
  };
  return defineTask({ name: TASK, payload, run: (input) => run.handle(input) });
}

async function enqueueInBatches(url: string, count: number, delayMs: number): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const queue = createQueue(pool);
  try {
    for (let done = 0; done < count; done += SEED_BATCH) {
      const batch = payloads(Math.min(SEED_BATCH, count - done), done);
      await queue.enqueueMany(batch.map((payload) => ({ type: TASK, payload: { ...payload }, delayMs })));
    }
  } finally {
    await pool.end();
  }
}

async function seedKept(url: string, count: number): Promise<void> {
  await enqueueInBatches(url, count, 0);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const queue = createQueue(pool);
  try {
    for (;;) {
      const jobs = await queue.runs.claim({
        queues: ["default"],
        workerId: "seed",
        limit: SEED_BATCH,
        leaseSeconds: 3_600,
      });
      if (jobs.length === 0) return;
      await queue.runs.complete(jobs);
    }
  } finally {
    await pool.end();
  }
}
