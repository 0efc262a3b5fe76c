import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Adapter } from "../adapters/adapter.ts";
import type { Payload } from "../payload.ts";
import type { Store } from "../server/store.ts";
import { walPosition } from "../server/wal-position.ts";
import type { Sizes } from "../sizes.ts";
import { type BenchCase, type Measurement, QUEUES } from "./bench-case.ts";
import { drainStore } from "./drain-store.ts";

/** How many large jobs one bulk call enqueues. */
const BATCH = 20;

/** (m) How often a large payload is written in its job's life. */
export const largePayload: BenchCase = {
  id: "m",
  title: "Large payloads",
  description:
    "payloads of text that cannot be compressed; write-ahead log from before the enqueue until every job has " +
    "completed, in one worker process",
  metrics: [{ key: "wal", label: "WAL ÷ payload", unit: "×", better: "lower" }],
  quick: false,
  variants: ({ largeJobs, largeBytes }) => [
    { key: "large", label: `${largeJobs} jobs of ${largeBytes / 1_000} kB`, value: largeBytes },
  ],
  roles: QUEUES,
  skip(adapter) {
    if (adapter.server === "redis") return "it has no write-ahead log of PostgreSQL";
    return adapter.id === "millrace-tuned" ? "it writes the same" : null;
  },
  async run({ adapter, server, sizes }) {
    const store = await server.openStore(adapter, { due: 0 });
    const meter = new pg.Client({ connectionString: store.url });
    await meter.connect();
    try {
      return await measure({ adapter, store, meter, sizes });
    } finally {
      await meter.end();
      await store.drop();
    }
  },
};

async function measure(run: {
  adapter: Adapter;
  store: Store;
  meter: pg.Client;
  sizes: Sizes;
}): Promise<Measurement> {
  const { adapter, store, meter, sizes } = run;
  const producer = await adapter.openProducer(store.url);
  const before = await walPosition(meter);
  let bytes = 0;
  for (let done = 0; done < sizes.largeJobs; done += BATCH) {
    const jobs = Array.from({ length: Math.min(BATCH, sizes.largeJobs - done) }, (_, at) =>
      largeJob(done + at, sizes.largeBytes),
    );
    bytes += jobs.reduce((sum, job) => sum + JSON.stringify(job).length, 0);
    await producer.enqueueMany(jobs);
  }
  await producer.close();
  const { handled } = await drainStore(store, {
    adapter,
    jobs: sizes.largeJobs,
    processes: 1,
    limitMs: sizes.drainLimitMs,
  });
  if (handled < sizes.largeJobs) throw new Error(`only ${handled} of ${sizes.largeJobs} jobs were handled`);
  return { wal: ((await walPosition(meter)) - before) / bytes };
}

/** A job whose payload has about `bytes` bytes. PostgreSQL finds nothing to compress in random base64. */
function largeJob(n: number, bytes: number): Payload {
  return {
    n,
    sentAt: 0,
    body: randomBytes(Math.ceil((bytes * 3) / 4))
      .toString("base64")
      .slice(0, bytes),
  };
}
