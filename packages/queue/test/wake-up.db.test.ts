import { waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  createQueue,
  createWorker,
  defineTask,
  type Queue,
  type Worker,
  type WorkerEvent,
} from "../src/index.ts";

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

/** A worker that polls so rarely that only a notification can wake it within a test. */
function startSleeper(db: pg.Pool, queues = ["default"]) {
  const seen: string[] = [];
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db,
    queues,
    pollMs: 60_000,
    tasks: [
      defineTask({ name: "wake", payload: z.unknown(), run: (_payload, { job }) => seen.push(job.id) }),
    ],
    onEvent: (event) => void events.push(event),
  });
  workers.push(worker);
  worker.start();
  return { seen, events };
}

async function listeners(name: string): Promise<number[]> {
  const { rows } = await pool.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND query = 'LISTEN millrace_jobs'",
    [name],
  );
  return rows.map((row) => row.pid);
}

describe("a sleeping worker", () => {
  test("is woken by an enqueue of another process, also to a priority nobody used before", async () => {
    const { seen } = startSleeper(database.pool({ application_name: "woken" }));
    await waitFor(async () => (await listeners("woken")).length === 1, { description: "the worker listens" });

    const first = await queue.enqueue("wake");
    await waitFor(() => seen.includes(first.id), { description: "the first job runs" });
    const second = await queue.enqueue("wake", {}, { priority: -7 });
    await waitFor(() => seen.includes(second.id), { description: "the second job runs" });

    expect(seen).toEqual([first.id, second.id]);
  });

  test("is woken when the caller's transaction commits, and not before", async () => {
    const { seen } = startSleeper(database.pool({ application_name: "committed" }), ["tx"]);
    await waitFor(async () => (await listeners("committed")).length === 1, {
      description: "the worker listens",
    });
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      const { id } = await queue.enqueue("wake", {}, { tx: client, queue: "tx" });
      expect(seen).toEqual([]);
      await client.query("COMMIT");

      await waitFor(() => seen.includes(id), { description: "the job runs" });
    } finally {
      client.release();
    }
  });

  test("listens again when its connection is terminated, and misses nothing enqueued meanwhile", async () => {
    const { seen, events } = startSleeper(database.pool({ application_name: "cut" }), ["cut"]);
    await waitFor(async () => (await listeners("cut")).length === 1, { description: "the worker listens" });

    const [pid] = await listeners("cut");
    await pool.query("SELECT pg_terminate_backend($1)", [pid]);
    const { id } = await queue.enqueue("wake", {}, { queue: "cut" });

    await waitFor(() => seen.includes(id), { description: "the job runs" });
    expect(events).toContainEqual(expect.objectContaining({ kind: "error", during: "listen" }));
    await waitFor(async () => (await listeners("cut")).some((other) => other !== pid), {
      description: "another connection listens",
    });
  });

  test("a job that becomes due later notifies nobody now", async () => {
    const client = await pool.connect();
    const heard: string[] = [];
    client.on("notification", (message) => void heard.push(message.payload ?? ""));
    try {
      await client.query("LISTEN millrace_jobs");
      await queue.enqueueMany([
        { type: "t", queue: "later", delayMs: 60_000 },
        { type: "t", queue: "told" },
        { type: "t", queue: "told" },
      ]);
      await waitFor(() => heard.length > 0, { description: "a notification" });

      await client.query("SELECT 1");
      expect(heard).toEqual(["0:told"]);
    } finally {
      client.release(true);
    }
  });
});
