import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "@millrace/testpg";
import type { Adapter, Producer } from "../adapters/adapter.ts";
import { monotonicMs } from "../monotonic-ms.ts";
import { payload } from "../payload.ts";
import { startWorkerProcess, type WorkerProcess } from "../processes/worker-process.ts";
import { type BenchCase, type Measurement, QUEUES, type RunContext } from "./bench-case.ts";

const EVERY_MS = 10;
const WARM_UP_JOBS = 20;

/** (l) What a job costs the server when there is no other job to share a statement with. */
export const oneAtATime: BenchCase = {
  id: "l",
  title: "One job at a time",
  description: `concurrency 1, one enqueue every ${EVERY_MS} ms; CPU of the server for the job's whole life`,
  metrics: [{ key: "serverCpu", label: "server CPU", unit: "µs", better: "lower" }],
  quick: false,
  variants: ({ oneAtATimeMs }) => [
    { key: "single", label: `${oneAtATimeMs / 1_000} s`, value: oneAtATimeMs },
  ],
  roles: QUEUES,
  skip: (adapter) =>
    adapter.id === "millrace-tuned" ? "the same as the default once concurrency is given" : null,
  async run(context) {
    const store = await context.server.openStore(context.adapter, { due: 0 });
    try {
      return await measure(context, store.url);
    } finally {
      await store.drop();
    }
  },
};

async function measure({ adapter, server, variant }: RunContext, url: string): Promise<Measurement> {
  const producer = await adapter.openProducer(url);
  const worker = await startWorkerProcess({ adapterId: adapter.id, url, handlerMs: 0, concurrency: 1 });
  worker.start();
  await enqueueEvenly({ producer, worker, jobs: WARM_UP_JOBS });
  const before = await server.cpuMs();
  const jobs = Math.round(variant.value / EVERY_MS);
  await enqueueEvenly({ producer, worker, jobs });
  await ended(adapter, url);
  const after = await server.cpuMs();
  await worker.stop();
  await producer.close();
  return before === null || after === null ? {} : { serverCpu: ((after - before) * 1_000) / jobs };
}

/** Enqueues one job at each beat, and waits until all of them are handled. */
async function enqueueEvenly(options: {
  producer: Producer;
  worker: WorkerProcess;
  jobs: number;
}): Promise<void> {
  const { producer, worker, jobs } = options;
  const before = worker.progress.handled;
  const start = monotonicMs();
  for (let n = 0; n < jobs; n++) {
    await pause(Math.max(0, start + n * EVERY_MS - monotonicMs()));
    await producer.enqueueOne(payload(n));
  }
  await waitFor(() => worker.progress.handled - before >= jobs, {
    description: "the jobs to be handled",
    timeoutMs: 60_000,
  });
}

async function ended(adapter: Adapter, url: string): Promise<void> {
  const inspector = await adapter.openInspector(url);
  await waitFor(async () => !(await inspector.unfinished()), { description: "the last job to end" });
  await inspector.close();
}
