import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type AnyTask,
  Cancel,
  createQueue,
  createWorker,
  type Executor,
  Fatal,
  type Queue,
  type Worker,
  type WorkerEvent,
  type WorkerOptions,
} from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { anyTask, heldHandler } from "../use-workers.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const NOTHING = { completed: 0, failed: 0, retried: 0, canceled: 0 };

/** A worker of tasks on a queue of their own, which polls only once a minute: what it finds, it looks for itself. */
function workerOf(
  tasks: readonly AnyTask[],
  options: Partial<WorkerOptions> = {},
): { worker: Worker; name: string; events: WorkerEvent[] } {
  const name = `empty-${crypto.randomUUID()}`;
  const events: WorkerEvent[] = [];
  const onEvent = (event: WorkerEvent) => void events.push(event);
  const worker = createWorker({ db: pool, tasks, queues: [name], pollMs: 60_000, onEvent, ...options });
  return { worker, name, events };
}

/** The database, and how often it was asked whether a due job is left. Such a question has an error, if given. */
function countingLooks(error?: Error) {
  let count = 0;
  const db: Executor = {
    query(text, values) {
      if (!text.includes('AS "hasDue"')) return pool.query(text, values as unknown[]);
      count += 1;
      return error === undefined ? pool.query(text, values as unknown[]) : Promise.reject(error);
    },
  };
  return { db, count: () => count };
}

async function countOf(name: string, state: string): Promise<number> {
  const { rows } = await pool.query(
    "SELECT count(*)::int AS n FROM millrace.jobs WHERE queue = $1 AND state = $2",
    [name, state],
  );
  return rows[0].n;
}

describe("runUntilEmpty", () => {
  test("on an empty queue ends at once, and leaves nothing of the worker", async () => {
    const { worker, events } = workerOf([anyTask("t", () => undefined)]);

    expect(await worker.runUntilEmpty()).toEqual(NOTHING);

    expect(events.map(({ kind }) => kind)).toEqual(["started", "stopping", "stopped"]);
    const { rows } = await pool.query("SELECT FROM millrace.workers WHERE worker_id = $1", [worker.workerId]);
    expect(rows).toEqual([]);
  });

  test.each([1, 50])(
    "runs every due job of all lanes, %i at a time, and counts them",
    async (concurrency) => {
      const { worker, name } = workerOf([anyTask("t", () => undefined)], { concurrency });
      await queue.enqueueMany(
        Array.from({ length: 2_500 }, (_, n) => ({ type: "t", queue: name, priority: n % 7 })),
      );

      expect(await worker.runUntilEmpty()).toEqual({ ...NOTHING, completed: 2_500 });
      expect(await countOf(name, "completed")).toBe(2_500);
    },
  );

  test("counts what became of the runs", async () => {
    let tries = 0;
    const { worker, name } = workerOf(
      [
        anyTask("good", () => undefined),
        anyTask("bad", () => {
          throw new Fatal("no");
        }),
        anyTask("dropped", () => {
          throw new Cancel("no more");
        }),
        anyTask("shaky", () => {
          tries += 1;
          if (tries < 3) throw new Error("not yet");
        }),
      ],
      { defaults: { backoff: { baseMs: 0, jitterMs: 0 } } },
    );
    for (const type of ["good", "good", "bad", "dropped", "shaky"])
      await queue.enqueue(type, {}, { queue: name });

    expect(await worker.runUntilEmpty()).toEqual({ completed: 3, failed: 1, retried: 2, canceled: 1 });
  });

  test("runs what handlers enqueue, as long as it is due", async () => {
    const { worker, name } = workerOf([
      anyTask("count", async (payload, { enqueue }) => {
        const left = Number(payload);
        if (left > 0) await enqueue("count", left - 1, { queue: name });
        await enqueue("count", 0, { queue: name, delayMs: 3_600_000 });
      }),
    ]);
    await queue.enqueue("count", 20, { queue: name });

    expect((await worker.runUntilEmpty()).completed).toBe(21);
    expect(await countOf(name, "queued")).toBe(21);
  });

  test("leaves later jobs, other types and queues, paused queues, and jobs that other workers run", async () => {
    const paused = `paused-${crypto.randomUUID()}`;
    const name = `own-${crypto.randomUUID()}`;
    const { worker } = workerOf([anyTask("t", () => undefined)], { queues: [name, paused] });
    await queue.enqueue("t", {}, { queue: name });
    await queue.runs.claim({ queues: [name], workerId: "other", limit: 1, leaseSeconds: 600 });
    await queue.pause(paused);
    await queue.enqueueMany([
      { type: "t", queue: name, delayMs: 3_600_000 },
      { type: "u", queue: name },
      { type: "t", queue: paused },
      { type: "t", queue: `other-${name}` },
    ]);

    expect(await worker.runUntilEmpty()).toEqual(NOTHING);
    expect(await countOf(name, "queued")).toBe(2);
    expect(await countOf(paused, "queued")).toBe(1);
  });

  test("waits for a due job that another transaction has locked", async () => {
    const looks = countingLooks();
    const { worker, name } = workerOf([anyTask("t", () => undefined)], { db: looks.db });
    const { id } = await queue.enqueue("t", {}, { queue: name });
    await using transaction = await openTransaction(pool);
    await transaction.client.query("SELECT FROM millrace.waiting_jobs WHERE id = $1 FOR UPDATE", [id]);
    const running = worker.runUntilEmpty();
    await waitFor(() => looks.count() >= 3, { description: "three looks" });

    await transaction.end("COMMIT");

    expect((await running).completed).toBe(1);
  });

  test("gives up no job that it claims while it looks whether it is done", async () => {
    const { worker, name } = workerOf([anyTask("t", () => undefined)]);
    const running = worker.runUntilEmpty();
    const enqueued = await Promise.all(
      Array.from({ length: 50 }, () => queue.enqueue("t", {}, { queue: name })),
    );

    const { completed } = await running;

    expect(enqueued).toHaveLength(50);
    expect(await countOf(name, "completed")).toBe(completed);
    expect(await countOf(name, "queued")).toBe(50 - completed);
    const { rows } = await pool.query(
      "SELECT FROM millrace.jobs WHERE queue = $1 AND lease_token > 0 AND state = 'queued'",
      [name],
    );
    expect(rows).toEqual([]);
  });

  test("ends with what it has when the worker is stopped", async () => {
    const held = heldHandler();
    const { worker, name } = workerOf([anyTask("t", held.run)], { concurrency: 1 });
    await queue.enqueueMany([
      { type: "t", queue: name },
      { type: "t", queue: name },
    ]);
    const running = worker.runUntilEmpty();
    await waitFor(() => held.begun.length === 1, { description: "a run" });
    const stopping = worker.stop();
    held.release();
    await stopping;

    expect(await running).toEqual({ ...NOTHING, completed: 1 });
    expect(await countOf(name, "queued")).toBe(1);
  });
});

describe("runUntilEmpty rejects", () => {
  test("with the database's error, after the worker has stopped", async () => {
    const refusing = {
      query: () => Promise.reject(Object.assign(new Error("permission denied"), { code: "42501" })),
    };
    const { worker, events } = workerOf([anyTask("t", () => undefined)], { db: refusing });

    await expect(worker.runUntilEmpty()).rejects.toThrow("permission denied");
    expect(events.at(-1)?.kind).toBe("stopped");
  });

  test("with the error of a look that fails", async () => {
    const looks = countingLooks(Object.assign(new Error("terminated"), { code: "57P01" }));
    const { worker } = workerOf([anyTask("t", () => undefined)], { db: looks.db });

    await expect(worker.runUntilEmpty()).rejects.toThrow("terminated");
    expect(looks.count()).toBe(1);
  });

  test("on a worker that was started or stopped before", async () => {
    const { worker } = workerOf([anyTask("t", () => undefined)]);
    await worker.runUntilEmpty();

    await expect(worker.runUntilEmpty()).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});
