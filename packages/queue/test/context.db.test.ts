import { waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, type TaskContext, upcaster } from "../src/index.ts";
import { runTask } from "./run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

/** Starts a task whose handler hands its context over and waits to be let go. */
function holdTask(options = {}) {
  const { promise: held, resolve: hand } = Promise.withResolvers<TaskContext>();
  const { promise: end, resolve: letGo } = Promise.withResolvers<void>();
  const task = runTask(
    pool,
    async (_payload, context) => {
      hand(context);
      await end;
    },
    options,
  );
  return { task, held, letGo };
}

async function steal(id: string): Promise<void> {
  await pool.query("UPDATE millrace.jobs SET lease_token = lease_token + 1 WHERE id = $1", [id]);
}

describe("progress", () => {
  test("is there for others to read while the job runs; the last value stays", async () => {
    const { task, held, letGo } = holdTask();
    await using _ = task;
    const id = await task.enqueue();
    const context = await held;

    await Promise.all([context.progress({ done: 1 }), context.progress({ done: 2 })]);

    expect((await createQueue(pool).get(id)).progress).toEqual({ done: 2 });
    letGo();
    await task.told("job-completed", id);
  });

  test("of a run that lost its lease is refused, and its signal aborted", async () => {
    const { task, held, letGo } = holdTask();
    await using _ = task;
    const id = await task.enqueue();
    const context = await held;
    await steal(id);

    await expect(context.progress(1)).rejects.toMatchObject({ code: "LEASE_LOST" });

    expect(context.signal.reason).toMatchObject({ code: "LEASE_LOST" });
    letGo();
    expect((await task.told("lease-lost", id)).progress).toBeNull();
  });

  test("that cannot be stored is refused with its reason, and costs the lease nothing", async () => {
    const { task, held, letGo } = holdTask();
    await using _ = task;
    const id = await task.enqueue();
    const context = await held;

    await expect(context.progress("x".repeat(20_000))).rejects.toThrow(/20002 bytes, and 16384 are the most/);

    letGo();
    expect((await task.told("job-completed", id)).state).toBe("completed");
  });
});

describe("extend", () => {
  test("makes the lease hold at least so long, and a renewal does not shorten it", async () => {
    const { task, held, letGo } = holdTask({ leaseSeconds: 30 });
    await using _ = task;
    const id = await task.enqueue();
    const context = await held;

    await context.extend(600_000);
    await createQueue(pool).extend([context.job], 30);

    const { rows } = await pool.query(
      "SELECT lease_until > now() + interval '9 minutes' AS long FROM millrace.jobs WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ long: true }]);
    letGo();
    await task.told("job-completed", id);
  });

  test("of a run that lost its lease is refused", async () => {
    const { task, held, letGo } = holdTask();
    await using _ = task;
    const id = await task.enqueue();
    const context = await held;
    await steal(id);

    await expect(context.extend(60_000)).rejects.toMatchObject({ code: "LEASE_LOST" });
    await expect(context.extend(1)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    letGo();
    await task.told("lease-lost", id);
  });

  test("a renewal passes over a row that a transaction has locked, and renews the others", async () => {
    const queue = createQueue(pool);
    const name = "locked";
    await queue.enqueueMany([
      { type: "t", queue: name },
      { type: "t", queue: name },
    ]);
    const jobs = await queue.claim({ queues: [name], workerId: "w", limit: 2, leaseSeconds: 5 });
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await client.query("SELECT FROM millrace.jobs WHERE id = $1 FOR UPDATE", [jobs[0]?.id]);

      const result = await queue.extend(jobs, 600);

      expect(result.refused).toEqual([]);
      const { rows } = await client.query(
        "SELECT id FROM millrace.jobs WHERE queue = $1 AND lease_until > now() + interval '5 minutes'",
        [name],
      );
      expect(rows).toEqual([{ id: jobs[1]?.id }]);
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  });
});

test("a handler enqueues children, and they stay when it fails", async () => {
  await using task = runTask(pool, async (_payload, { enqueue }) => {
    await enqueue("child", { of: "parent" }, { queue: "children" });
    throw new Error("after the child");
  });

  await task.told("job-failed", await task.enqueue({}, { maxAttempts: 1 }));

  expect(await createQueue(pool).list({ queue: "children" })).toMatchObject([{ payload: { of: "parent" } }]);
});

test("the handler's logger names the job in every line", async () => {
  const lines: object[] = [];
  const write = (fields: object, message?: string) => void lines.push({ ...fields, message });
  await using task = runTask(pool, (_payload, { logger }) => logger.info({ rows: 3 }, "copied"), {
    logger: { debug: write, info: write, warn: write, error: write },
  });

  const id = await task.enqueue();
  const { type, queue } = await task.told("job-completed", id);

  expect(lines).toEqual([{ jobId: id, type, queue, attempt: 1, rows: 3, message: "copied" }]);
});

test("a payload of an older shape reaches today's handler; one of no known shape fails its job and is kept", async () => {
  const seen: unknown[] = [];
  const worker = createWorker({
    db: pool,
    queues: ["shapes"],
    pollMs: 100,
    tasks: [
      defineTask({
        name: "greet",
        payload: z.strictObject({ first: z.string() }),
        upcasters: [upcaster(z.strictObject({ name: z.string() }), ({ name }) => ({ first: name }))],
        run: (payload) => void seen.push(payload),
      }),
    ],
  });
  const queue = createQueue(pool);
  const [old, unknown] = await queue.enqueueMany([
    { type: "greet", queue: "shapes", payload: { name: "Ada" } },
    { type: "greet", queue: "shapes", payload: { nick: "Ada" } },
  ]);
  worker.start();
  try {
    await waitFor(async () => (await queue.get(unknown?.id ?? "")).state === "failed", {
      description: "it fails",
    });
    await waitFor(async () => (await queue.get(old?.id ?? "")).state === "completed", {
      description: "it runs",
    });
  } finally {
    await worker.stop();
  }

  expect(seen).toEqual([{ first: "Ada" }]);
  expect(await queue.get(unknown?.id ?? "")).toMatchObject({
    attempts: 1,
    payload: { nick: "Ada" },
    lastError: expect.stringContaining("INVALID_PAYLOAD"),
  });
});
