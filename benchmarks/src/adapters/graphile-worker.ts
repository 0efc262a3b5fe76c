import { Logger, makeWorkerUtils, type Runner, run } from "graphile-worker";
import type { Payload } from "../payload.ts";
import { type Adapter, type OpenedWorker, PRODUCER_CONNECTIONS, TASK, type WorkerRun } from "./adapter.ts";
import { runSql } from "./run-sql.ts";
import { sqlInspector } from "./sql-inspector.ts";

/** The worker settings of one configuration. An absent setting has graphile-worker's default. */
interface GraphileSettings {
  concurrentJobs?: number;
  maxPoolSize?: number;
  localQueue?: { size: number };
  completeJobBatchDelay?: number;
  failJobBatchDelay?: number;
}

/** The settings that graphile-worker's performance page lists beside its results. */
const BATCHED: GraphileSettings = {
  concurrentJobs: 24,
  maxPoolSize: 25,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

/** graphile-worker with the settings that its authors use for their measurements. */
export const graphileBatched: Adapter = graphile({
  id: "graphile-batched",
  label: "graphile-worker (batched)",
  configuration:
    "0.18.0, concurrentJobs 24, maxPoolSize 25, localQueue.size 500, completeJobBatchDelay 0, failJobBatchDelay 0",
  settings: BATCHED,
});

/** graphile-worker with its default settings. */
export const graphileDefault: Adapter = graphile({
  id: "graphile-default",
  label: "graphile-worker (defaults)",
  configuration: "0.18.0, defaults: concurrentJobs 1, no localQueue, no batching",
  settings: {},
});

// A locked job is running. A job whose attempts are used up stays in the table, and does not count as unfinished.
const UNFINISHED = `
  SELECT EXISTS (SELECT FROM graphile_worker._private_jobs
                 WHERE is_available AND run_at <= now() OR locked_at IS NOT NULL) AS unfinished`;

/** $2: whether the jobs have failed for good, with all attempts used up, or are due in 30 days. */
const SEED = `
  INSERT INTO graphile_worker._private_jobs (task_id, payload, run_at, attempts, last_error)
  SELECT (SELECT id FROM graphile_worker._private_tasks WHERE identifier = '${TASK}'),
         json_build_object('n', n, 'sentAt', 0, 'body', repeat('x', 80)),
         CASE WHEN $2 THEN now() ELSE now() + interval '30 days' END,
         CASE WHEN $2 THEN 25 ELSE 0 END,
         CASE WHEN $2 THEN 'Error: seeded' END
  FROM generate_series(1, $1::int) AS n`;

function graphile(options: {
  id: string;
  label: string;
  configuration: string;
  settings: GraphileSettings;
}): Adapter {
  const { settings, ...named } = options;
  return {
    ...named,
    role: "peer",
    server: "postgres",
    keepsHistory: false,
    notes: [
      "deletes a finished job: it keeps no history",
      "no lease: a crashed worker's jobs wait 4 hours",
      "its log of every job is off",
    ],
    prepare,
    openProducer,
    openInspector: (url) => sqlInspector(url, UNFINISHED),
    openWorker: (worker) => openWorker(worker, settings),
    seedFailed: (url, count) => seed(url, count, true),
    seedFuture: (url, count) => seed(url, count, false),
  };
}

async function seed(url: string, count: number, failed: boolean): Promise<void> {
  // graphile-worker registers a task when its first job is added.
  const producer = await openProducer(url);
  await producer.enqueueOne({ n: 0, sentAt: 0, body: "" });
  await producer.close();
  await runSql(url, "DELETE FROM graphile_worker._private_jobs WHERE is_available AND run_at <= now()");
  await runSql(url, SEED, [count, failed]);
}

/** A logger that prints errors only. The default logger prints every job, and that cost is not the queue's. */
function quiet(): Logger {
  return new Logger(() => (level, message) => {
    if (level === "error") process.stderr.write(`graphile-worker: ${message}\n`);
  });
}

async function prepare(url: string): Promise<void> {
  const utils = await makeWorkerUtils({ connectionString: url, logger: quiet() });
  await utils.migrate();
  await utils.release();
}

async function openProducer(url: string) {
  const utils = await makeWorkerUtils({
    connectionString: url,
    maxPoolSize: PRODUCER_CONNECTIONS,
    logger: quiet(),
  });
  return {
    async enqueueOne(payload: Payload) {
      await utils.addJob(TASK, payload);
    },
    async enqueueMany(jobs: readonly Payload[]) {
      await utils.addJobs(jobs.map((payload) => ({ identifier: TASK, payload })));
    },
    close: async () => void (await utils.release()),
  };
}

async function openWorker(worker: WorkerRun, settings: GraphileSettings): Promise<OpenedWorker> {
  let runner: Runner | undefined;
  const concurrency =
    worker.concurrency === undefined
      ? {}
      : { concurrentJobs: worker.concurrency, maxPoolSize: Math.max(10, worker.concurrency + 1) };
  return {
    async start() {
      runner = await run({
        preset: { worker: { connectionString: worker.url, ...settings, ...concurrency } },
        logger: quiet(),
        noHandleSignals: true,
        parsedCronItems: [],
        taskList: {
          // The boundary: every payload was written by this benchmark.
          [TASK]: (payload) => worker.handle(payload as Payload),
        },
      });
    },
    stop: async () => runner?.stop(),
  };
}
