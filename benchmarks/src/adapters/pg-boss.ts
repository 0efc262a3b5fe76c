import { PgBoss } from "pg-boss";
import type { Payload } from "../payload.ts";
import { type Adapter, type OpenedWorker, PRODUCER_CONNECTIONS, TASK, type WorkerRun } from "./adapter.ts";
import { runSql } from "./run-sql.ts";
import { sqlInspector } from "./sql-inspector.ts";

const BATCH_SIZE = 2_000;
const LOCAL_CONCURRENCY = 2;

const UNFINISHED = `
  SELECT EXISTS (SELECT FROM pgboss.job WHERE name = '${TASK}' AND state < 'active' AND start_after <= now())
      OR EXISTS (SELECT FROM pgboss.job WHERE name = '${TASK}' AND state = 'active') AS unfinished`;

const SEED_FUTURE = `
  INSERT INTO pgboss.job (name, data, start_after)
  SELECT '${TASK}', json_build_object('n', n, 'sentAt', 0, 'body', repeat('x', 80)), now() + interval '30 days'
  FROM generate_series(1, $1::int) AS n`;

const SEED_ENDED = `
  INSERT INTO pgboss.job (name, data, state, started_on, completed_on)
  SELECT '${TASK}', json_build_object('n', n, 'sentAt', 0, 'body', repeat('x', 80)), $2::pgboss.job_state, now(), now()
  FROM generate_series(1, $1::int) AS n`;

/** pg-boss with every setting that its documentation recommends for throughput and latency. */
export const pgBoss: Adapter = {
  id: "pg-boss",
  label: "pg-boss",
  role: "peer",
  server: "postgres",
  configuration:
    `12.38.0, work() with batchSize ${BATCH_SIZE}, localConcurrency ${LOCAL_CONCURRENCY}, burstWhenBatchFull, ` +
    "notify with useListenNotify, pollingIntervalSeconds 0.5",
  notes: [
    "keeps its finished jobs, for 7 days by default",
    "one handler call and one outcome for a whole batch: a batch is as slow as its slowest job",
    "no lease to renew: a job expires after 15 minutes",
  ],
  keepsHistory: true,
  async prepare(url) {
    const boss = await startBoss(url);
    await boss.createQueue(TASK, { notify: true });
    await stopBoss(boss);
  },
  openProducer,
  openInspector: (url) => sqlInspector(url, UNFINISHED),
  openWorker,
  seedKept: (url, count) => runSql(url, SEED_ENDED, [count, "completed"]),
  seedFailed: (url, count) => runSql(url, SEED_ENDED, [count, "failed"]),
  seedFuture: (url, count) => runSql(url, SEED_FUTURE, [count]),
};

async function startBoss(url: string, options: { useListenNotify?: boolean } = {}): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: url, max: PRODUCER_CONNECTIONS, schedule: false, ...options });
  boss.on("error", (error) => process.stderr.write(`pg-boss: ${String(error)}\n`));
  return boss.start();
}

async function stopBoss(boss: PgBoss): Promise<void> {
  await boss.stop({ graceful: true, timeout: 5_000 });
}

async function openProducer(url: string) {
  const boss = await startBoss(url);
  return {
    async enqueueOne(payload: Payload) {
      await boss.send(TASK, payload);
    },
    async enqueueMany(jobs: readonly Payload[]) {
      await boss.insert(
        TASK,
        jobs.map((data) => ({ data })),
      );
    },
    close: () => stopBoss(boss),
  };
}

async function openWorker(run: WorkerRun): Promise<OpenedWorker> {
  const boss = await startBoss(run.url, { useListenNotify: true });
  // Two batches hold as many jobs as the case asks for: pg-boss fetches one batch while the other batch runs.
  const batchSize =
    run.concurrency === undefined ? BATCH_SIZE : Math.ceil(run.concurrency / LOCAL_CONCURRENCY);
  return {
    async start() {
      const options = {
        batchSize,
        localConcurrency: LOCAL_CONCURRENCY,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
      };
      await boss.work<Payload, void>(TASK, options, async (jobs) => {
        await Promise.all(jobs.map((job) => run.handle(job.data)));
      });
    },
    stop: () => stopBoss(boss),
  };
}
