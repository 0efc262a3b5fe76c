import { type HeldClock, heldClock, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type TaskContext, type TaskLogger } from "../../src/index.ts";
import { lockJob } from "../open-transaction.ts";
import { runTask } from "../run-worker.ts";

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

/** How often a write that found its claim locked is tried again, which 40 times in vain are the end of. */
const LOCKED_RETRY_MS = 50;

/** Waits for a write by a clock whose tries again the test has in hand; while it does not wait, none of them passes. */
async function tryAgainUntil<T>(clock: HeldClock, writing: Promise<T>): Promise<T> {
  let ended = false;
  writing.finally(() => (ended = true)).catch(() => undefined);
  await waitFor(
    () => {
      if (!ended) clock.pass(LOCKED_RETRY_MS);
      return ended;
    },
    { description: "the write to be made, or given up" },
  );
  return writing;
}

async function steal(id: string): Promise<void> {
  await pool.query("UPDATE millrace.claims SET lease_token = lease_token + 1 WHERE $1 = ANY(ids)", [id]);
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

  test("told while a transaction has the job's claim is written after it, and others are not held up", async () => {
    const contexts = new Map<unknown, TaskContext>();
    const { promise: end, resolve: letGo } = Promise.withResolvers<void>();
    const clock = heldClock((ms) => ms === LOCKED_RETRY_MS);
    await using task = runTask(
      pool,
      async (payload, context) => {
        contexts.set(payload, context);
        await end;
      },
      { clock },
    );
    // One after the other, so that each has a claim of its own.
    const slow = await task.enqueue("slow");
    await waitFor(() => contexts.has("slow"), { description: "one to run" });
    const quick = await task.enqueue("quick");
    await waitFor(() => contexts.has("quick"), { description: "the other to run" });
    await using locking = await lockJob(pool, slow);

    const writing = [contexts.get("slow")?.progress("old"), contexts.get("slow")?.progress("new")];
    await contexts.get("quick")?.progress("quick");
    await locking.end("COMMIT");
    await tryAgainUntil(clock, Promise.all(writing));

    const told = async (id: string) => (await createQueue(pool).get(id)).progress;
    expect([await told(slow), await told(quick)]).toEqual(["new", "quick"]);
    letGo();
  });

  test("that nobody waits for does not end the process when it is refused", async () => {
    await using task = runTask(pool, (_payload, context) => {
      void context.progress("half");
      return "done";
    });

    expect((await task.told("job-completed", await task.enqueue())).output).toBe("done");
  });

  test("that cannot be stored is refused with its reason, and costs the lease nothing", async () => {
    const { task, held, letGo } = holdTask();
    await using _ = task;
    const id = await task.enqueue();
    const context = await held;

    await expect(context.progress("x".repeat(20_000))).rejects.toThrow(
      /20002 bytes, and at most 16384 are allowed/,
    );

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
    await createQueue(pool).runs.extend([context.job], 30);

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

  test("waits for a transaction that has the job's claim, so that it holds when it resolves", async () => {
    const clock = heldClock((ms) => ms === LOCKED_RETRY_MS);
    const { task, held, letGo } = holdTask({ leaseSeconds: 30, clock });
    await using _ = task;
    const id = await task.enqueue();
    const context = await held;
    await using locking = await lockJob(pool, id);

    const extending = context.extend(600_000);
    await createQueue(pool).runs.extend([context.job], 30);
    await locking.end("COMMIT");
    await tryAgainUntil(clock, extending);

    const { rows } = await pool.query(
      "SELECT lease_until > now() + interval '9 minutes' AS long FROM millrace.jobs WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ long: true }]);
    letGo();
    await task.told("job-completed", id);
  });

  test("gives up on a claim that a transaction keeps locked, and so does progress, without a word", async () => {
    const clock = heldClock((ms) => ms === LOCKED_RETRY_MS);
    // The lease of a locked claim is not renewed, and must outlast all the tries.
    const { task, held, letGo } = holdTask({ leaseSeconds: 600, clock });
    await using _ = task;
    const id = await task.enqueue();
    const context = await held;
    await using transaction = await lockJob(pool, id);

    await tryAgainUntil(clock, context.progress(1));
    await expect(tryAgainUntil(clock, context.extend(60_000))).rejects.toMatchObject({
      code: "JOB_LOCKED",
      jobId: id,
    });

    await transaction.end("COMMIT");
    letGo();
    expect((await task.told("job-completed", id)).progress).toBeNull();
  });

  test("a renewal skips a claim that a transaction has locked, and renews the others", async () => {
    const queue = createQueue(pool);
    const name = "locked";
    // Of two priorities, so that each has a claim of its own.
    await queue.enqueueMany([
      { type: "t", queue: name, priority: 1 },
      { type: "t", queue: name, priority: 2 },
    ]);
    const jobs = await queue.runs.claim({ queues: [name], workerId: "w", limit: 2, leaseSeconds: 30 });
    await using _locking = await lockJob(pool, jobs[0]?.id ?? "");

    const result = await queue.runs.extend(jobs, 600);

    expect(result).toMatchObject({ refused: [], locked: [{ id: jobs[0]?.id }] });
    const { rows } = await pool.query(
      "SELECT id FROM millrace.jobs WHERE queue = $1 AND lease_until > now() + interval '5 minutes'",
      [name],
    );
    expect(rows).toEqual([{ id: jobs[1]?.id }]);
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

describe("the handler's logger names the job in every line", () => {
  test("of a logger that makes no children", async () => {
    const lines: object[] = [];
    const write = (fields: object, message?: string) => void lines.push({ ...fields, message });
    const broken = new Error("broken");
    await using task = runTask(
      pool,
      (_payload, { logger }) => {
        logger.info({ rows: 3 }, "copied");
        logger.error(broken);
      },
      { logger: { debug: write, info: write, warn: write, error: write } },
    );

    const id = await task.enqueue();
    const { type, queue } = await task.told("job-completed", id);

    const fields = { jobId: id, type, queue, attempt: 1 };
    expect(lines).toEqual([
      { ...fields, rows: 3, message: "copied" },
      { ...fields, err: broken, message: undefined },
    ]);
  });

  test("of one that does, as pino, by its child", async () => {
    const lines: object[] = [];
    const loggerWith = (bound: object): TaskLogger => {
      const write = (fields: object, message?: string) => void lines.push({ ...bound, ...fields, message });
      return { debug: write, info: write, warn: write, error: write, child: (fields) => loggerWith(fields) };
    };
    await using task = runTask(pool, (_payload, { logger }) => logger.warn({ rows: 3 }, "copied"), {
      logger: loggerWith({}),
    });

    const id = await task.enqueue();
    const { type, queue } = await task.told("job-completed", id);

    expect(lines).toEqual([{ jobId: id, type, queue, attempt: 1, rows: 3, message: "copied" }]);
  });
});
