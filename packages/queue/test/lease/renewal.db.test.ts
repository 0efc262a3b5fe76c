import type { Worker as Thread } from "node:worker_threads";
import { heldClock, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type Clock,
  createQueue,
  createWorker,
  defineTask,
  type Executor,
  type Queue,
  systemClock,
  type Worker,
  type WorkerEvent,
  type WorkerOptions,
} from "../../src/index.ts";
import { lockJob, openTransaction } from "../open-transaction.ts";
import { runTask } from "../run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
const workers: Worker[] = [];
let release = () => {};

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

afterEach(async () => {
  release();
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

/** Starts a worker whose handlers run until the test ends. */
function startHolder(options: Omit<WorkerOptions, "tasks">) {
  const events: WorkerEvent[] = [];
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const worker = createWorker({
    ...options,
    tasks: [defineTask({ name: "hold", payload: z.unknown(), run: () => held })],
    onEvent: (event) => void events.push(event),
  });
  workers.push(worker);
  worker.start();
  return { worker, events, begun: () => events.filter((event) => event.kind === "job-started").length };
}

/** The ids that each renewal named. */
function watchRenewals(): { db: Executor; renewals: number[] } {
  const renewals: number[] = [];
  return {
    renewals,
    db: {
      query(text, values = []) {
        if (text.includes("SET lease_until = greatest(")) renewals.push(String(values[0]).split(",").length);
        return pool.query(text, values);
      },
    },
  };
}

/** A third of a lease of 30 s passes in 50 ms. */
const hurried: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms === 10_000 ? 50 : ms, callback),
};

describe("renewal", () => {
  test("is one statement for all of a worker's runs, however many", async () => {
    await queue.enqueueMany(Array.from({ length: 200 }, () => ({ type: "hold", queue: "many" })));
    const { db, renewals } = watchRenewals();
    const { begun } = startHolder({ db, queues: ["many"], concurrency: 200, clock: hurried });
    await waitFor(() => begun() === 200, { description: "all jobs to run" });
    const from = renewals.length;

    await waitFor(() => renewals.length >= from + 4, { description: "renewals" });

    expect(new Set(renewals.slice(from + 1))).toEqual(new Set([200]));
  });

  test("by a thread goes on when the thread dies: the loop takes over, and the event says so", async () => {
    const thread = new Promise<Thread>((resolve) => void process.once("worker", resolve));
    const { id } = await queue.enqueue("hold", {}, { queue: "orphaned" });
    const { events, begun } = startHolder({
      db: pool,
      queues: ["orphaned"],
      renewal: "thread",
      // Whoever begins to listen renews all leases once, whenever that is.
      listen: false,
    });
    await waitFor(() => begun() === 1, { description: "the job to run" });
    const leaseUntil = async () => (await queue.get(id)).leaseUntil?.getTime() ?? 0;
    const before = await leaseUntil();

    await (await thread).terminate();

    await waitFor(async () => (await leaseUntil()) > before, { description: "a renewal by the loop" });
    expect(events).toContainEqual({
      kind: "error",
      during: "renew",
      error: expect.objectContaining({ code: "RENEWAL_THREAD" }),
    });
  });

  test.each(["loop", "thread"] as const)(
    "by a %s that finds a claim locked tries it again by itself, soon after",
    async (renewal) => {
      const name = `locked-${renewal}`;
      // Of two priorities, so that each has a claim of its own.
      const [one, other] = await queue.enqueueMany(
        [1, 2].map((priority) => ({ type: "hold", queue: name, priority })),
      );
      if (one === undefined || other === undefined) throw new Error("Two jobs were enqueued");
      // The loop renews all leases when the test lets a third of one pass; the thread each 12 s, by a clock of its own.
      const clock = heldClock((ms) => ms > 5_000);
      const { begun } = startHolder({
        db: pool,
        queues: [name],
        renewal,
        leaseSeconds: 36,
        clock,
        // Whoever begins to listen renews all leases once, whenever that is.
        listen: false,
      });
      await waitFor(() => begun() === 2, { description: "both jobs to run" });
      const leaseUntil = async (id: string) => (await queue.get(id)).leaseUntil?.getTime() ?? 0;
      await using transaction = await lockJob(pool, one.id);
      const [claimed, otherClaimed] = [await leaseUntil(one.id), await leaseUntil(other.id)];

      // That third passes once: no other renewal of all leases may come while the test compares the leases.
      if (renewal === "loop") clock.pass(12_000);
      await waitFor(async () => (await leaseUntil(other.id)) > otherClaimed, { description: "a renewal" });
      const renewed = await leaseUntil(other.id);
      expect(await leaseUntil(one.id)).toBe(claimed);
      await transaction.end("COMMIT");

      await waitFor(async () => (await leaseUntil(one.id)) > claimed, {
        description: "the locked claim's renewal",
      });
      expect(await leaseUntil(other.id)).toBe(renewed);
    },
  );

  test("comes before the progress that a handler tells without a pause, however slow the commits are", async () => {
    let over = false;
    let collide = () => {};
    const db: Executor = {
      async query(text, values = []) {
        if (text.includes("SET progress = told.progress")) {
          // Each commit ends only when a renewal has run into it.
          await using transaction = await openTransaction(pool);
          const collided = new Promise<void>((resolve) => {
            collide = resolve;
          });
          const written = await transaction.client.query(text, values);
          if (!over) await collided;
          await transaction.end("COMMIT");
          return written;
        }
        const result = await pool.query(text, values);
        const [row] = result.rows as { some: string | null }[];
        if (text.includes("SET lease_until = greatest(") && row?.some === "") collide();
        return result;
      },
    };
    await using task = runTask(
      pool,
      async (_payload, { progress, signal }) => {
        for (let told = 0; !over && !signal.aborted; told += 1) await progress(told);
      },
      { db, clock: hurried },
    );
    const id = await task.enqueue();
    const leaseUntil = async () => (await queue.get(id)).leaseUntil?.getTime() ?? 0;
    await waitFor(async () => (await leaseUntil()) > 0, { description: "the claim" });
    const claimed = await leaseUntil();

    await waitFor(async () => (await leaseUntil()) > claimed, { description: "a renewal" });

    over = true;
    collide();
    expect((await task.told("job-completed", id)).crashes).toBe(0);
  });

  test("by a thread is refused, with the reason, where a thread cannot connect", () => {
    const db: Executor = { query: (text, values) => pool.query(text, values) };
    const noop = defineTask({ name: "noop", payload: z.unknown(), run: () => undefined });

    expect(() => createWorker({ db, tasks: [noop], renewal: "thread" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "renewal" }),
    );
  });
});

describe("workers on a pool that has no error listener of its own", () => {
  test("leave one behind, however many they were", async () => {
    const many = database.pool({ max: 30 });
    for (let n = 0; n < 3; n += 1) {
      for (let worker = 0; worker < 4; worker += 1) startHolder({ db: many, queues: ["none"] });
      await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    }

    expect(many.listenerCount("error")).toBe(1);
  });

  test.each([true, false])(
    "keep an idle connection that is cut after their stop from ending the process, listen %s",
    async (listen) => {
      const cut = database.pool({ application_name: "cut-after-stop" });
      const { worker } = startHolder({ db: cut, queues: ["none"], renewal: "loop", listen });
      await waitFor(() => cut.idleCount > 0, { description: "the worker to use the pool" });
      await worker.stop();
      await cut.query("SELECT 1");
      expect(cut.idleCount).toBeGreaterThan(0);

      await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [
        "cut-after-stop",
      ]);

      // An error that nobody hears fails the test run.
      await waitFor(() => cut.totalCount === 0, { description: "the pool to notice" });
    },
  );
});
