import { Queue, Worker } from "bullmq";
import { type Payload, payloads } from "../payload.ts";
import { type Adapter, type OpenedWorker, TASK, type WorkerRun } from "./adapter.ts";

const CONCURRENCY = 50;
const SEED_BATCH = 5_000;
const MONTH_MS = 30 * 86_400_000;

/** BullMQ on Redis. */
export const bullmqRedis: Adapter = {
  id: "bullmq-redis",
  label: "BullMQ (Redis)",
  role: "peer",
  server: "redis",
  configuration: `6.7.0, ioredis 5.11.1, concurrency ${CONCURRENCY}; Redis with appendonly yes, appendfsync everysec`,
  notes: [
    "another server: what it acknowledged in the last second is lost with the machine, " +
      "and no job can be part of a database transaction",
    "keeps its finished jobs, in memory",
  ],
  keepsHistory: true,
  async prepare() {},
  async openProducer(url) {
    const queue = await openQueue(url);
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
    const queue = await openQueue(url);
    return {
      unfinished: async () =>
        Object.values(await queue.getJobCounts("waiting", "active")).some((count) => count > 0),
      close: () => queue.close(),
    };
  },
  openWorker: (run) => openWorker(run),
  async seedKept(url, count) {
    const queue = await openQueue(url);
    await addInBatches(queue, count, 0);
    await queue.close();
    let handled = 0;
    const finished = Promise.withResolvers<void>();
    const worker = await openWorker({
      url,
      handle() {
        handled += 1;
        if (handled === count) finished.resolve();
        return undefined;
      },
    });
    await worker.start();
    await finished.promise;
    // `stop` waits for the jobs under way, so that BullMQ keeps every job as finished.
    await worker.stop();
  },
  async seedFuture(url, count) {
    const queue = await openQueue(url);
    await addInBatches(queue, count, MONTH_MS);
    await queue.close();
  },
};

async function openQueue(url: string): Promise<Queue> {
  const queue = new Queue(TASK, { connection: { url } });
  await queue.waitUntilReady();
  return queue;
}

async function addInBatches(queue: Queue, count: number, delay: number): Promise<void> {
  for (let done = 0; done < count; done += SEED_BATCH) {
    const batch = payloads(Math.min(SEED_BATCH, count - done), done);
    await queue.addBulk(batch.map((data) => ({ name: TASK, data, opts: { delay } })));
  }
}

async function openWorker(run: WorkerRun): Promise<OpenedWorker> {
  const worker = new Worker<Payload>(TASK, async (job) => run.handle(job.data), {
    connection: { url: run.url, maxRetriesPerRequest: null },
    concurrency: run.concurrency ?? CONCURRENCY,
    autorun: false,
  });
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
