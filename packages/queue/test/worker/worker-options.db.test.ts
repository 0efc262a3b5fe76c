import { randomUUID } from "node:crypto";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  createQueue,
  createWorker,
  defineTask,
  Fatal,
  InvalidOptionError,
  type Queue,
  type WorkerOptions,
} from "../../src/index.ts";
import { runTask } from "../run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const noop = defineTask({ name: "noop", payload: z.unknown(), run: () => undefined });

async function present(workerId: string): Promise<boolean> {
  const { rows } = await pool.query("SELECT FROM millrace.workers WHERE worker_id = $1", [workerId]);
  return rows.length > 0;
}

describe("a worker id", () => {
  const claimAs = (workerId: string) =>
    queue.runs.claim({ queues: ["ids"], workerId, limit: 1, leaseSeconds: 30 });

  test.each([
    ["empty", ""],
    ["too long", "w".repeat(101)],
    ["one that PostgreSQL cannot store", "w\u0000"],
  ])("that is %s is refused, by a worker and by a claim", async (_what, workerId) => {
    expect(() => createWorker({ db: pool, tasks: [noop], workerId })).toThrow(InvalidOptionError);
    await expect(claimAs(workerId)).rejects.toThrow(
      /Expected `workerId` to be a string of 1 to 100 characters/,
    );
  });

  test("of 100 characters, however many bytes they take, claims and is told of", async () => {
    const workerId = "🐎".repeat(100);
    await using running = runTask(pool, () => "done", { workerId });

    const { id } = await running.told("job-completed", await running.enqueue());

    expect((await queue.get(id)).output).toBe("done");
    await waitFor(() => present(workerId), { description: "its presence" });
    expect(await claimAs(workerId)).toEqual([]);
  });
});

describe("a pool of one connection", () => {
  const poolOfOne = () => database.pool({ max: 1, connectionTimeoutMillis: 30_000 });

  test("is not listened on, unless asked for: its jobs run", async () => {
    await using running = runTask(poolOfOne(), () => "done", { renewal: "loop" });

    await running.told("job-completed", await running.enqueue());

    expect(running.events).not.toContainEqual(expect.objectContaining({ kind: "error" }));
  });

  test("is refused where listening is asked for, which would keep its only connection", () => {
    expect(() => createWorker({ db: poolOfOne(), tasks: [noop], listen: true })).toThrow(
      /^`listen` is true, but the pool in `db` has one connection, which listening would keep/,
    );
  });
});

describe("a worker that was started, or stopped, before", () => {
  test("refuses to start when it was stopped first, and nothing of it is left", async () => {
    const worker = createWorker({ db: pool, tasks: [noop], queues: ["stopped"] });
    await worker.stop();

    expect(() => worker.start()).toThrow(InvalidOptionError);

    await worker.stop();
    // Another worker's presence is written after whatever the first one might have begun.
    await using later = runTask(pool, () => undefined);
    await waitFor(() => present(later.worker.workerId), { description: "another worker's presence" });
    expect(await present(worker.workerId)).toBe(false);
  });

  test("refuses to start twice, and runs on", async () => {
    await using running = runTask(pool, () => "done");

    expect(() => running.worker.start()).toThrow(/^`start` was called twice on one worker\. Call it once;/);

    await running.told("job-completed", await running.enqueue());
  });

  test("refuses to start again after it ran", async () => {
    const running = runTask(pool, () => undefined);
    await running.worker.stop();

    expect(() => running.worker.start()).toThrow(
      /^`start` was called on a worker that was stopped\. Create another one by `createWorker`\.$/,
    );
  });
});

describe("what goes wrong in a worker", () => {
  async function written(options: Partial<WorkerOptions>): Promise<string[]> {
    const write = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const name = `task-${randomUUID()}`;
    const boom = defineTask({
      name,
      payload: z.unknown(),
      run: () => {
        throw new Fatal("boom");
      },
    });
    const worker = createWorker({ db: pool, tasks: [boom], queues: [name], pollMs: 100, ...options });
    const { id } = await queue.enqueue(name, {}, { queue: name });
    try {
      worker.start();
      await waitFor(async () => (await queue.get(id)).state === "failed", { description: "the job fails" });
      await worker.stop();
      return write.mock.calls.map((call) => String(call[0]));
    } finally {
      await worker.stop();
      write.mockRestore();
    }
  }

  test("is written to the console, a line each, where nobody listens to its events", async () => {
    expect(await written({})).toEqual([
      expect.stringMatching(
        /^millrace: job .* \(task-.*\), attempt 1 of 10, failed for good: Fatal: boom \[FATAL\]$/,
      ),
    ]);
  });

  test("is left to `onEvent` where there is one", async () => {
    expect(await written({ onEvent: () => undefined })).toEqual([]);
  });
});
