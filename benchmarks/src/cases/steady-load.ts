import { setTimeout as pause } from "node:timers/promises";
import type { Producer } from "../adapters/adapter.ts";
import { monotonicMs } from "../monotonic-ms.ts";
import { payload } from "../payload.ts";
import { startWorkerProcess, type WorkerProcess } from "../processes/worker-process.ts";
import { quantile } from "../statistics.ts";
import { type BenchCase, QUEUES, RATE } from "./bench-case.ts";

const PRODUCERS = 4;
const BULK = 50;
/** Producers wait while this many jobs are unhandled, so that they go no faster than the worker. */
const BACKLOG_MAX = 2_000;

/** (d) The rate that producers and a worker sustain together. */
export const steadyLoad: BenchCase = {
  id: "d",
  title: "Steady load",
  description:
    `${PRODUCERS} producers of bulks of ${BULK} that wait while ${BACKLOG_MAX} jobs are behind, ` +
    "and one worker process",
  metrics: [
    RATE,
    { key: "p50", label: "start p50", unit: "ms", better: "lower" },
    { key: "p99", label: "start p99", unit: "ms", better: "lower" },
  ],
  quick: false,
  variants: (sizes) => [{ key: "steady", label: `${sizes.steadyMs / 1_000} s`, value: sizes.steadyMs }],
  roles: QUEUES,
  async run({ adapter, server, variant }) {
    const store = await server.openStore(adapter, { due: 0 });
    const producer = await adapter.openProducer(store.url);
    const worker = await startWorkerProcess({ adapterId: adapter.id, url: store.url, handlerMs: 0 });
    worker.start();
    const start = monotonicMs();
    await produce(producer, worker, start + variant.value);
    const { handled } = worker.progress;
    const elapsedMs = monotonicMs() - start;
    const { latencies } = await worker.stop();
    await producer.close();
    await store.drop();
    const sorted = latencies.toSorted((a, b) => a - b);
    return { rate: (handled * 1_000) / elapsedMs, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  },
};

async function produce(producer: Producer, worker: WorkerProcess, deadline: number): Promise<void> {
  let made = 0;
  const loop = async () => {
    while (monotonicMs() < deadline) {
      if (made - worker.progress.handled >= BACKLOG_MAX) {
        await pause(1);
        continue;
      }
      const from = made;
      made += BULK;
      const sentAt = monotonicMs();
      await producer.enqueueMany(Array.from({ length: BULK }, (_, index) => payload(from + index, sentAt)));
    }
  };
  await Promise.all(Array.from({ length: PRODUCERS }, loop));
}
