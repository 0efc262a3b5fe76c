import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll } from "vitest";
import { z } from "zod";
import {
  type AnyTask,
  createQueue,
  createWorker,
  defineTask,
  type Queue,
  type TaskContext,
  type Worker,
  type WorkerEvent,
  type WorkerOptions,
} from "../src/index.ts";

/** The workers of a test file, on a database of its own. `pool` and `queue` are there once the tests run. */
export interface TestWorkers {
  readonly pool: pg.Pool;
  readonly queue: Queue;
  /** Starts a worker, which is stopped after the test. */
  start(tasks: AnyTask[], options?: Partial<WorkerOptions>): { worker: Worker; events: WorkerEvent[] };
  stateOf(id: string): Promise<string>;
  untilState(id: string, state: string): Promise<void>;
  /** Another pool on the database. */
  anotherPool(options: pg.PoolConfig): pg.Pool;
}

/** Gives a test file a database and workers on it. */
export function useWorkers(): TestWorkers {
  const database = useTestDatabase();
  const workers: Worker[] = [];
  let pool: pg.Pool;
  let queue: Queue;
  beforeAll(() => {
    pool = database.pool();
    queue = createQueue(pool);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  });

  const stateOf = async (id: string) => (await queue.get(id)).state;
  return {
    get pool() {
      return pool;
    },
    get queue() {
      return queue;
    },
    start(tasks, options = {}) {
      const events: WorkerEvent[] = [];
      const onEvent = (event: WorkerEvent) => void events.push(event);
      const worker = createWorker({ db: pool, tasks, pollMs: 100, onEvent, ...options });
      workers.push(worker);
      worker.start();
      return { worker, events };
    },
    stateOf,
    async untilState(id, state) {
      await waitFor(async () => (await stateOf(id)) === state, { description: `job ${id} is ${state}` });
    },
    anotherPool: (options) => database.pool(options),
  };
}

/** A task that takes any payload. */
export function anyTask(
  name: string,
  run: (payload: unknown, context: TaskContext) => unknown,
  timeoutMs?: number,
): AnyTask {
  return defineTask({ name, payload: z.unknown(), run, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

/** A handler that stays until the test lets it go, and tells when it begins and what its signal says. */
export function heldHandler() {
  const begun: TaskContext[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    begun,
    release: () => release(),
    run: async (_payload: unknown, context: TaskContext) => {
      begun.push(context);
      await gate;
    },
    runUntilAborted: (_payload: unknown, context: TaskContext) => {
      begun.push(context);
      return new Promise((_resolve, reject) => {
        context.signal.addEventListener("abort", () => reject(context.signal.reason));
      });
    },
  };
}
