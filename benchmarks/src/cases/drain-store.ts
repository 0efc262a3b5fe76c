import { setTimeout as pause } from "node:timers/promises";
import type { Adapter } from "../adapters/adapter.ts";
import { monotonicMs } from "../monotonic-ms.ts";
import { startWorkerProcess, type WorkerProcess } from "../processes/worker-process.ts";
import type { Store } from "../server/store.ts";

/** How to drain a store. */
export interface DrainOptions {
  adapter: Adapter;
  jobs: number;
  processes: number;
  limitMs: number;
  concurrency?: number;
  handlerMs?: number;
}

/** What a drain measured. */
export interface DrainResult {
  /**
   * Jobs per second, from the first handler's start until no due job is queued or running, or until the last report
   * of progress before the limit.
   */
  rate: number;
  /** Jobs whose handler has ended. Fewer than `jobs` when the drain reached its limit. */
  handled: number;
  workerCpuMs: number;
}

const LOOK_MS = 5;
/** How long the workers may take to begin the first job. */
const SILENCE_MS = 30_000;

/**
 * Runs a store's jobs in worker processes until the store has no work left, or `limitMs` is over.
 *
 * - The clock starts with the first handler, so that no peer's start-up counts.
 * - The clock stops when the store has no work left, so that every peer's completions count.
 *
 * Throws an `Error` when no job has run in 30 s.
 */
export async function drainStore(store: Store, options: DrainOptions): Promise<DrainResult> {
  const { adapter, jobs, processes, limitMs, concurrency, handlerMs = 0 } = options;
  const inspector = await adapter.openInspector(store.url);
  const spec = { adapterId: adapter.id, url: store.url, handlerMs, ...(concurrency ? { concurrency } : {}) };
  const workers = await Promise.all(Array.from({ length: processes }, () => startWorkerProcess(spec)));
  for (const worker of workers) worker.start();
  let end: number | undefined;
  const launchedAt = monotonicMs();
  for (;;) {
    const start = firstStart(workers);
    const now = monotonicMs();
    if (handledBy(workers) >= jobs && !(await inspector.unfinished())) {
      end = monotonicMs();
      break;
    }
    if (now - (start ?? launchedAt) > (start === undefined ? SILENCE_MS : limitMs)) break;
    await pause(LOOK_MS);
  }
  // A drain that reached its limit is counted at the last reported progress, because that report has an instant.
  const counted = workers.map((worker) => ({ ...worker.progress }));
  await Promise.all(workers.map((worker) => worker.stop()));
  await inspector.close();

  const handled = end === undefined ? sum(counted.map((progress) => progress.handled)) : jobs;
  const start = firstStart(workers);
  if (start === undefined || handled === 0) throw new Error(`${adapter.id} ran no job in ${SILENCE_MS} ms`);
  const until = end ?? Math.max(...counted.map((progress) => progress.lastDoneAt ?? 0));
  return {
    rate: (handled * 1_000) / (until - start),
    handled,
    workerCpuMs: sum(counted.map((progress) => progress.cpuMs)),
  };
}

function firstStart(workers: readonly WorkerProcess[]): number | undefined {
  const starts = workers.flatMap((worker) => worker.progress.firstStartAt ?? []);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

function handledBy(workers: readonly WorkerProcess[]): number {
  return sum(workers.map((worker) => worker.progress.handled));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
