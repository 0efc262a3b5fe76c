import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "@millrace/testpg";
import type { Producer } from "../adapters/adapter.ts";
import { monotonicMs } from "../monotonic-ms.ts";
import { payload } from "../payload.ts";
import { startWorkerProcess, type WorkerProcess } from "../processes/worker-process.ts";
import { quantile } from "../statistics.ts";
import { type BenchCase, type Measurement, QUEUES, type RunContext } from "./bench-case.ts";
import { drainRateOf } from "./drain.ts";
import { produceAtRate } from "./produce-at-rate.ts";

const WARM_UP_JOBS = 20;
/** A job counts when it starts within this time after the last enqueue. */
const CATCH_UP_MS = 10_000;

/** (c) How long a job waits from the enqueue call to its handler. */
export const latency: BenchCase = {
  id: "c",
  title: "Start latency",
  description:
    "enqueue call to handler start, in another process; idle: one job at a time; " +
    "half: at half of the peer's own drain rate, enqueued in bulk every 10 ms",
  metrics: [
    { key: "p50", label: "p50", unit: "ms", better: "lower" },
    { key: "p99", label: "p99", unit: "ms", better: "lower" },
    { key: "p999", label: "p99.9", unit: "ms", better: "lower" },
    { key: "load", label: "offered jobs/s", unit: "jobs/s", better: "higher" },
    { key: "never", label: "jobs not started 10 s after the last enqueue", unit: "jobs", better: "lower" },
  ],
  quick: true,
  variants: (sizes) =>
    sizes.latencyLoads.map((load) => ({
      key: load,
      label: load === "idle" ? "idle" : "at half the drain rate",
      value: 0,
    })),
  roles: QUEUES,
  async run(context) {
    const { adapter, server, variant } = context;
    const rate = variant.key === "half" ? (await drainRateOf(context)) / 2 : 0;
    const store = await server.openStore(adapter, { due: 0 });
    try {
      return await measure(context, store.url, rate);
    } finally {
      await store.drop();
    }
  },
};

async function measure({ adapter, sizes }: RunContext, url: string, rate: number): Promise<Measurement> {
  const producer = await adapter.openProducer(url);
  const worker = await startWorkerProcess({ adapterId: adapter.id, url, handlerMs: 0 });
  worker.start();
  await oneAtATime({ producer, worker, count: WARM_UP_JOBS, timed: false });
  const underLoad =
    rate === 0 ? null : await loaded({ producer, worker, rate, durationMs: sizes.latencyLoadMs });
  if (underLoad === null) await oneAtATime({ producer, worker, count: sizes.latencySamples, timed: true });
  const { latencies } = await worker.stop();
  await producer.close();
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    ...underLoad,
  };
}

/** Enqueues at the rate, then waits for the jobs that are late: the longest latencies must count too. */
async function loaded(options: {
  producer: Producer;
  worker: WorkerProcess;
  rate: number;
  durationMs: number;
}): Promise<{ load: number; never: number }> {
  const { producer, worker, rate, durationMs } = options;
  const before = worker.progress.handled;
  const { made, rate: load } = await produceAtRate({ producer, rate, durationMs });
  const deadline = monotonicMs() + CATCH_UP_MS;
  while (worker.progress.handled - before < made && monotonicMs() < deadline) await pause(20);
  return { load, never: made - (worker.progress.handled - before) };
}

async function oneAtATime(options: {
  producer: Producer;
  worker: WorkerProcess;
  count: number;
  timed: boolean;
}): Promise<void> {
  const { producer, worker, count, timed } = options;
  for (let n = 0; n < count; n++) {
    const before = worker.progress.handled;
    await producer.enqueueOne(payload(n, timed ? monotonicMs() : 0));
    await waitFor(() => worker.progress.handled > before, {
      description: "the job to be handled",
      intervalMs: 2,
      timeoutMs: 60_000,
    });
    // A random pause, so that no peer's polling interval falls in step with the producer.
    await pause(2 + Math.random() * 8);
  }
}
