import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type AnyTask,
  createQueue,
  createWorker,
  defineTask,
  InvalidOptionError,
  type Queue,
  systemClock,
  type Worker,
  type WorkerEvent,
  type WorkerOptions,
} from "../../src/index.ts";
import { insertJob, rowOf } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
const workers: Worker[] = [];

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

const task = (name: string, run: () => unknown = () => undefined): AnyTask =>
  defineTask({ name, payload: z.unknown(), run });

/** A clock whose slow beats come at once, as those that tell of jobs without a worker. */
const hurried = {
  ...systemClock,
  after: (ms: number, callback: () => void) => systemClock.after(Math.min(ms, 50), callback),
};

function startWorker(tasks: AnyTask[], options: Partial<WorkerOptions> = {}): WorkerEvent[] {
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db: pool,
    tasks,
    pollMs: 100,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  workers.push(worker);
  worker.start();
  return events;
}

const isDone = (id: string) => async () => (await queue.get(id)).state === "completed";

describe("a job of a type that a worker has no task for", () => {
  test("stays as it is, while jobs behind it run, until a worker that has the task comes", async () => {
    const unknown = await insertJob(pool, { queue: "deploy", type: "new", attempts: 0, maxAttempts: 1 });
    const before = await rowOf(pool, unknown);
    const { id: known } = await queue.enqueue("old", {}, { queue: "deploy" });

    const events = startWorker([task("old")], { queues: ["deploy"] });
    await waitFor(isDone(known), { description: "the known job to complete" });

    expect(await rowOf(pool, unknown)).toEqual(before);
    expect(events.filter((event) => "job" in event && event.job.id === unknown)).toEqual([]);
    startWorker([task("new")], { queues: ["deploy"] });
    await waitFor(isDone(unknown), { description: "the other job to complete" });
    expect((await queue.get(unknown)).attempts).toBe(1);
  });

  test("is left alone also where queues share by their weights", async () => {
    const unknown = await insertJob(pool, { queue: "share-1", type: "new", attempts: 0 });
    const before = await rowOf(pool, unknown);
    const { id: known } = await queue.enqueue("old", {}, { queue: "share-2" });

    startWorker([task("old")], {
      queues: [
        { name: "share-1", weight: 3 },
        { name: "share-2", weight: 1 },
      ],
    });
    await waitFor(isDone(known), { description: "the known job to complete" });

    expect(await rowOf(pool, unknown)).toEqual(before);
  });

  test("is not claimed where a claim names other types, and is by one that names none", async () => {
    const id = await insertJob(pool, { queue: "named", type: "new", attempts: 0 });
    const claim = (types?: readonly string[]) =>
      queue.runs.claim({
        queues: ["named"],
        workerId: "w",
        limit: 5,
        leaseSeconds: 30,
        ...(types && { types }),
      });

    expect(await claim(["old", "older"])).toEqual([]);
    expect(await claim([])).toEqual([]);
    expect((await claim()).map((job) => job.id)).toEqual([id]);
  });
});

describe("due jobs that no living worker has a task for", () => {
  const told = (events: readonly WorkerEvent[]) => events.filter((event) => event.kind === "no-task");

  test("are told of once, and again when a type joins them", async () => {
    await queue.enqueueMany([1, 2, 3].map(() => ({ type: "lonely", queue: "told" })));
    await queue.enqueue("later", {}, { queue: "told", delayMs: 3_600_000 });
    let looks = 0;
    const counted = {
      query: (text: string, values?: unknown[]) => {
        if (text.includes("waiting AS")) looks += 1;
        return pool.query(text, values);
      },
    };
    const events = startWorker([task("mine")], { queues: ["told"], clock: hurried, db: counted });
    await waitFor(() => told(events).length > 0, { description: "the event" });
    const seen = looks;
    await waitFor(() => looks >= seen + 3, { description: "more looks" });

    expect(told(events)).toEqual([{ kind: "no-task", queue: "told", types: ["lonely"], jobs: 3 }]);
    await queue.enqueue("lonelier", {}, { queue: "told", priority: 7 });
    await waitFor(() => told(events).length === 2, { description: "the second event" });
    expect(told(events)[1]).toEqual({
      kind: "no-task",
      queue: "told",
      types: ["lonelier", "lonely"],
      jobs: 4,
    });
  });

  test("are told apart from those that a worker of that queue knows", async () => {
    const { id } = await queue.enqueue("theirs", {}, { queue: "known-elsewhere" });
    const { id: later } = await queue.enqueue("theirs", {}, { queue: "known-elsewhere", delayMs: 3_600_000 });
    const presence = (name: string, secondsAgo: number) =>
      pool.query(
        `INSERT INTO millrace.workers (worker_id, queues, types, seen_at)
         VALUES ($1, '{known-elsewhere}', '{theirs}', now() - $2 * interval '1 second')
         ON CONFLICT (worker_id) DO UPDATE SET seen_at = excluded.seen_at`,
        [name, secondsAgo],
      );

    const withNone = await queue.waitsForWorker(id);
    await presence("dead", 60);
    const withDead = await queue.waitsForWorker(id);
    await presence("alive", 1);
    const withLiving = await queue.waitsForWorker(id);

    expect([withNone, withDead, withLiving]).toEqual([true, true, false]);
    await pool.query("DELETE FROM millrace.workers WHERE worker_id IN ('dead', 'alive')");
    expect(await queue.waitsForWorker(later)).toBe(false);
  });
});

test("a worker without tasks is refused", () => {
  expect(() => createWorker({ db: pool, tasks: [] })).toThrow(InvalidOptionError);
  expect(() => createWorker({ db: pool, tasks: [] })).toThrow(/`tasks` to be at least one task/);
});
