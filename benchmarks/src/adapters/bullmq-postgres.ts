import { createPostgresBackend, Queue, Worker } from "bullmq";
import type { Payload } from "../payload.ts";
import { type Adapter, type OpenedWorker, PRODUCER_CONNECTIONS, TASK, type WorkerRun } from "./adapter.ts";
import { runSql } from "./run-sql.ts";

const CONCURRENCY = 50;

const SEED = `
  INSERT INTO bullmq.job (queue, id, seq, name, state, data, added_at_ms, attempts_made, attempts_started, delay_ms,
                          process_at_ms, processed_at_ms, finished_at_ms)
  SELECT '${TASK}', $2 || n, nextval('bullmq.job_seq'), '${TASK}', $2::bullmq.job_state,
         json_build_object('n', n, 'sentAt', 0, 'body', repeat('x', 80)), t.ms, f.done, f.done, t.delay * (1 - f.done),
         CASE f.done WHEN 0 THEN t.ms + t.delay END,
         CASE f.done WHEN 1 THEN t.ms END, CASE f.done WHEN 1 THEN t.ms END
  FROM (SELECT (extract(epoch FROM now()) * 1000)::bigint AS ms, 2592000000 AS delay) AS t,
       (SELECT ($2 = 'completed')::int AS done) AS f,
       generate_series(1, $1::int) AS n`;

/** BullMQ on its PostgreSQL backend. */
export const bullmqPostgres: Adapter = {
  id: "bullmq-postgres",
  label: "BullMQ (PostgreSQL)",
  role: "peer",
  server: "postgres",
  configuration: `6.7.0, createPostgresBackend, concurrency ${CONCURRENCY}, pool of 10 connections`,
  notes: ["keeps its finished jobs, and writes a row per event"],
  keepsHistory: true,
  async prepare(url) {
    const queue = openQueue(url, { migrate: true });
    await queue.waitUntilReady();
    await queue.close();
  },
  async openProducer(url) {
    const queue = openQueue(url);
    await queue.waitUntilReady();
    return {
      async enqueueOne(payload: Payload) {
        await queue.add(TASK, payload);
      },
      async enqueueMany(jobs: readonly Payload[]) {
        await queue.addBulk(jobs.map((data) => ({ name: TASK, data })));
      },
      close: () => queue.close(),
    };
  },
  async openInspector(url) {
    const queue = openQueue(url);
    await queue.waitUntilReady();
    return {
      unfinished: async () =>
        Object.values(await queue.getJobCounts("waiting", "active")).some((count) => count > 0),
      close: () => queue.close(),
    };
  },
  openWorker,
  seedKept: (url, count) => runSql(url, SEED, [count, "completed"]),
  seedFuture: (url, count) => runSql(url, SEED, [count, "delayed"]),
};

function openQueue(url: string, { migrate = false } = {}) {
  const connection = { connectionString: url, max: PRODUCER_CONNECTIONS, migrate };
  return new Queue(TASK, { connection }, createPostgresBackend);
}

async function openWorker(run: WorkerRun): Promise<OpenedWorker> {
  const worker = new Worker(
    TASK,
    async (job: { data: Payload }) => run.handle(job.data),
    {
      connection: { connectionString: run.url, max: PRODUCER_CONNECTIONS },
      concurrency: run.concurrency ?? CONCURRENCY,
      autorun: false,
    },
    createPostgresBackend,
  );
  worker.on("error", (error) => process.stderr.write(`bullmq: ${String(error)}\n`));
  await worker.waitUntilReady();
  return {
    async start() {
      // `run` resolves when the worker is closed.
      void worker.run();
    },
    stop: () => worker.close(),
  };
}
