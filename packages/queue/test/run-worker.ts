import { waitFor } from "@millrace/testpg";
import type pg from "pg";
import { z } from "zod";
import {
  createQueue,
  createWorker,
  defineTask,
  type EnqueueOptions,
  type Job,
  type JsonValue,
  type TaskContext,
  type Worker,
  type WorkerEvent,
  type WorkerOptions,
} from "../src/index.ts";

/** A worker of one task on a queue of its own, and what it told. */
export interface RunningTask extends AsyncDisposable {
  readonly worker: Worker;
  readonly events: WorkerEvent[];
  enqueue(payload?: JsonValue, options?: EnqueueOptions): Promise<string>;
  /** Waits until the worker told such an event of a job, and gives the job as it is then. */
  told(kind: WorkerEvent["kind"], id: string): Promise<Job>;
}

/** Starts a worker whose one task runs `run`; it is stopped when the scope ends. */
export function runTask(
  pool: pg.Pool,
  run: (payload: unknown, context: TaskContext) => unknown,
  options: Partial<WorkerOptions> = {},
): RunningTask {
  const queue = createQueue(pool);
  const name = `task-${crypto.randomUUID()}`;
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db: pool,
    queues: [name],
    pollMs: 100,
    shutdownGraceMs: 0,
    ...options,
    tasks: [
      defineTask({ name, payload: z.unknown(), queue: name, backoff: { baseMs: 0, jitterMs: 0 }, run }),
    ],
    onEvent: (event) => void events.push(event),
  });
  worker.start();
  return {
    worker,
    events,
    async enqueue(payload = {}, enqueueOptions = {}) {
      return (await queue.enqueue(name, payload, { queue: name, ...enqueueOptions })).id;
    },
    async told(kind, id) {
      await waitFor(
        () => events.some((event) => event.kind === kind && "job" in event && event.job.id === id),
        {
          description: `${kind} of ${id}`,
        },
      );
      return queue.get(id);
    },
    [Symbol.asyncDispose]: () => worker.stop(),
  };
}
