import type { Producer } from "../adapters/adapter.ts";
import { adapterOf } from "../adapters/registry.ts";
import { monotonicMs } from "../monotonic-ms.ts";
import { payload, payloads } from "../payload.ts";
import type { EnqueueReport, EnqueueSpec } from "./enqueue-message.ts";

/** How many untimed calls warm up connections and code before each pattern. */
const WARM_UP_CALLS = 50;
const CALLERS = 100;

let next = 0;

async function main(): Promise<void> {
  // The boundary: the parent process wrote the argument.
  const spec = JSON.parse(process.argv[2] ?? "{}") as EnqueueSpec;
  const producer = await adapterOf(spec.adapterId).openProducer(spec.url);
  const report: EnqueueReport = {
    sequence: await singleCalls(producer, 1, spec.patternMs),
    concurrent: await singleCalls(producer, CALLERS, spec.patternMs),
    bulk1000: await bulkCalls(producer, 1_000, spec.patternMs),
    bulk10000: await bulkCalls(producer, 10_000, spec.patternMs),
  };
  await new Promise<void>((resolve) => process.send?.({ kind: "enqueued", report }, () => resolve()));
  await producer.close();
  process.disconnect();
}

/** Returns the jobs per second of `callers` loops, each of which repeats the call for one job. */
async function singleCalls(producer: Producer, callers: number, patternMs: number): Promise<number> {
  const loop = async (calls: number, deadline: number): Promise<number> => {
    let made = 0;
    while (made < calls && monotonicMs() < deadline) {
      await producer.enqueueOne(payload(next++));
      made += 1;
    }
    return made;
  };
  const all = async (calls: number, deadline: number) => {
    const made = await Promise.all(Array.from({ length: callers }, () => loop(calls, deadline)));
    return made.reduce((sum, count) => sum + count, 0);
  };
  await all(Math.ceil(WARM_UP_CALLS / callers), Number.POSITIVE_INFINITY);
  const start = monotonicMs();
  const made = await all(Number.POSITIVE_INFINITY, start + patternMs);
  return (made * 1_000) / (monotonicMs() - start);
}

/** Returns the jobs per second of one loop that repeats the bulk call. */
async function bulkCalls(producer: Producer, size: number, patternMs: number): Promise<number> {
  await producer.enqueueMany(payloads(10));
  const start = monotonicMs();
  let made = 0;
  do {
    await producer.enqueueMany(payloads(size, made));
    made += size;
  } while (monotonicMs() < start + patternMs);
  return (made * 1_000) / (monotonicMs() - start);
}

await main();
