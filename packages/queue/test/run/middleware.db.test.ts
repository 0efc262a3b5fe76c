import { AsyncLocalStorage } from "node:async_hooks";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { Cancel, createQueue, Fatal, type Middleware } from "../../src/index.ts";
import { runTask } from "../run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

describe("a worker's middleware", () => {
  test("runs around each handler, carries a store to it, and gives the output", async () => {
    const storage = new AsyncLocalStorage<string>();
    const steps: string[] = [];
    const stores: Middleware = ({ job, attempt }, next) => storage.run(`${job.id} ${attempt}`, next);
    const notes: Middleware = async (_context, next) => {
      steps.push("before");
      const output = await next();
      steps.push("after");
      return { output };
    };
    await using task = runTask(
      pool,
      async () => {
        await new Promise(setImmediate);
        steps.push("handler");
        return storage.getStore();
      },
      { middleware: [stores, notes] },
    );

    const id = await task.enqueue();
    const job = await task.told("job-completed", id);

    expect(job).toMatchObject({ output: { output: `${id} 1` } });
    expect(steps).toEqual(["before", "handler", "after"]);
  });

  test("ends the run by what it throws, before the handler or after it", async () => {
    let handled = 0;
    const refuses: Middleware = async ({ job }, next) => {
      if (job.payload === "early") throw new Fatal("not today");
      await next();
      throw new Cancel("not needed");
    };
    await using task = runTask(pool, () => (handled += 1), { middleware: [refuses] });

    const early = await task.told("job-failed", await task.enqueue("early"));
    const late = await task.told("job-canceled", await task.enqueue("late"));

    expect(early).toMatchObject({ state: "failed", attempts: 1 });
    expect(early.lastError).toContain("not today");
    expect(late.state).toBe("canceled");
    expect(handled).toBe(1);
  });

  test("sees a payload that its task refuses as an error of next", async () => {
    const seen: unknown[] = [];
    const notes: Middleware = async (_context, next) => {
      try {
        return await next();
      } catch (error) {
        seen.push(error);
        throw error;
      }
    };
    await using task = runTask(
      pool,
      () => {
        throw new Fatal("refused");
      },
      { middleware: [notes] },
    );

    await task.told("job-failed", await task.enqueue());

    expect(seen).toMatchObject([{ code: "FATAL" }]);
  });

  test("that calls next twice fails the attempt, and the job says so", async () => {
    let handled = 0;
    const twice: Middleware = async (_context, next) => [await next(), await next()];
    await using task = runTask(pool, () => (handled += 1), { middleware: [twice] });

    const job = await task.told("job-failed", await task.enqueue({}, { maxAttempts: 1 }));

    expect(job.lastError).toContain("NEXT_CALLED_TWICE");
    expect(handled).toBe(1);
  });
});

describe("the hook for failed jobs", () => {
  test("is called with the job and what was thrown once the failure is written, and for nothing else", async () => {
    const failed: [string, unknown, string][] = [];
    const thrown = new Fatal("for good");
    const queue = createQueue(pool);
    await using task = runTask(
      pool,
      (payload) => {
        if (payload === "fatal") throw thrown;
        if (payload === "cancel") throw new Cancel("enough");
        if (payload === "unstorable") return { big: 1n };
        throw new Error("again");
      },
      {
        async onJobFailed(job, error) {
          const { state } = await queue.get(job.id);
          failed.push([job.id, error, state]);
        },
      },
    );

    const fatal = await task.enqueue("fatal");
    const usedUp = await task.enqueue("retry", { maxAttempts: 2 });
    const unstorable = await task.enqueue("unstorable");
    await task.told("job-canceled", await task.enqueue("cancel"));
    await waitFor(() => failed.length === 3, { description: "three failures" });

    const errors = new Map(failed.map(([id, error]) => [id, error]));
    expect(errors.get(fatal)).toBe(thrown);
    expect(errors.get(usedUp)).toMatchObject({ message: "again" });
    expect(errors.get(unstorable)).toMatchObject({ code: "INVALID_RESULT" });
    expect(failed.map(([, , state]) => state)).toEqual(["failed", "failed", "failed"]);
  });

  test.each([
    ["throws", () => Promise.reject(new Error("no pager"))],
    [
      "throws at once",
      () => {
        throw new Error("no pager");
      },
    ],
  ])("is told as an error event when it %s, and the worker goes on", async (_how, onJobFailed) => {
    await using task = runTask(
      pool,
      (payload) => {
        if (payload === "bad") throw new Fatal("bad");
      },
      { onJobFailed },
    );

    await task.told("job-failed", await task.enqueue("bad"));
    await task.told("job-completed", await task.enqueue("good"));
    await waitFor(() => task.events.some((event) => event.kind === "error"), { description: "the error" });

    expect(task.events.filter((event) => event.kind === "error")).toMatchObject([
      { during: "hook", error: { message: "no pager" } },
    ]);
  });

  test("is not called for a job that was canceled before its handler noticed, as the event says", async () => {
    const failed: unknown[] = [];
    const queue = createQueue(pool);
    const { promise: isCanceled, resolve: canceled } = Promise.withResolvers<void>();
    await using task = runTask(
      pool,
      async () => {
        await isCanceled;
        throw new Fatal("at the same time");
      },
      { listen: false, leaseSeconds: 3_600, onJobFailed: (job) => failed.push(job) },
    );

    const id = await task.enqueue();
    await waitFor(async () => (await queue.get(id)).state === "running", { description: "the job runs" });
    await queue.cancel(id);
    canceled();
    const job = await task.told("job-canceled", id);

    expect(job.state).toBe("canceled");
    expect(failed).toEqual([]);
  });
});
