import { heldClock, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  createQueue,
  createWorker,
  defineTask,
  type Queue,
  type Worker,
  type WorkerEvent,
} from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";

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

/**
 * A worker that never polls, so that only a notification can wake it; nor does it probe the connection it listens on.
 */
function startSleeper(db: pg.Pool, queues = ["default"]) {
  const seen: string[] = [];
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db,
    queues,
    pollMs: 60_000,
    clock: heldClock((ms) => ms >= 10_000),
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
    // A look that was under way may find the job before the worker hears of its connection.
    await waitFor(() => events.some((event) => event.kind === "error" && event.during === "listen"), {
      description: "the loss is told",
    });
    await waitFor(async () => (await listeners("cut")).some((other) => other !== pid), {
      description: "another connection listens",
    });
  });
});

async function asleep(queueName: string): Promise<boolean> {
  const { rows } = await pool.query("SELECT FROM millrace.workers WHERE asleep AND $1 = ANY(queues)", [
    queueName,
  ]);
  return rows.length === 1;
}

describe("an enqueue", () => {
  let client: pg.PoolClient;
  let heard: string[];

  beforeEach(async () => {
    client = await pool.connect();
    heard = [];
    client.on("notification", (message) => void heard.push(message.payload ?? ""));
    await client.query("LISTEN millrace_jobs");
  });

  afterEach(async () => {
    // The server may end the connection later, and would tell the next test's list what it hears until then.
    client.removeAllListeners("notification");
    client.release(true);
    await pool.query("DELETE FROM millrace.workers");
  });

  /** What was notified until now: notifications come in order, and this is the last. */
  async function heardSoFar(): Promise<string[]> {
    await pool.query("SELECT pg_notify('millrace_jobs', 'end')");
    await waitFor(() => heard.at(-1) === "end", { description: "the last notification" });
    return heard.slice(0, -1);
  }

  const someone = (isAsleep: boolean) =>
    pool.query(
      "INSERT INTO millrace.workers (worker_id, queues, types, asleep) VALUES ('w', '{q}', '{t}', $1)",
      [isAsleep],
    );

  test("notifies once a lane, of what is due, when someone sleeps", async () => {
    await someone(true);

    await queue.enqueueMany([
      { type: "t", queue: "later", delayMs: 60_000 },
      { type: "t", queue: "told" },
      { type: "u", queue: "told" },
    ]);
    await queue.enqueueMany([
      { type: "t", queue: "alike", priority: -2 },
      { type: "t", queue: "alike", priority: -2 },
    ]);
    await queue.enqueue("t", {}, { delayMs: 60_000 });
    await queue.enqueue("t", {}, { runAt: new Date("2100-01-01") });
    await queue.enqueue("t", {}, { queue: "past", runAt: new Date("2000-01-01") });

    expect(await heardSoFar()).toEqual(["0:told", "-2:alike", "0:past"]);
  });

  test("notifies nobody when nobody sleeps: those at work look by themselves", async () => {
    await someone(false);

    await queue.enqueue("t");
    await queue.enqueueMany([{ type: "t" }, { type: "u" }]);
    await queue.enqueue("u", {}, { idempotencyKey: "nobody-sleeps" });

    expect(await heardSoFar()).toEqual([]);
  });

  test("in the caller's transaction always notifies: who sleeps at its commit is not known", async () => {
    await using transaction = await openTransaction(pool);
    await queue.enqueue("t", {}, { tx: transaction.client });
    await transaction.end("COMMIT");

    expect(await heardSoFar()).toEqual(["0:default"]);
  });
});

test("a worker says that it sleeps once it has nothing to do, and is gone from the table when it stops", async () => {
  startSleeper(database.pool(), ["resting"]);
  await waitFor(() => asleep("resting"), { description: "the worker sleeps" });

  await workers.at(-1)?.stop();

  const { rows } = await pool.query("SELECT FROM millrace.workers WHERE 'resting' = ANY(queues)");
  expect(rows).toEqual([]);
});

test("jobs that come without a pause keep a worker awake, and all of them run", async () => {
  const { seen } = startSleeper(database.pool(), ["stream"]);
  await waitFor(() => asleep("stream"), { description: "the worker sleeps" });

  for (let n = 0; n < 300; n += 1) await queue.enqueue("wake", {}, { queue: "stream" });

  await waitFor(() => seen.length === 300, { description: "all jobs run" });
  await waitFor(() => asleep("stream"), { description: "the worker sleeps again" });
});
