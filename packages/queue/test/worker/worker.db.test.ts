import { waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type AnyTask,
  createQueue,
  createWorker,
  defineTask,
  Fatal,
  JobCanceledError,
  LeaseLostError,
  type Queue,
  RetryLater,
  systemClock,
  type TaskContext,
  type Worker,
  type WorkerEvent,
  type WorkerOptions,
  WorkerStoppingError,
} from "../../src/index.ts";

import { pollingNever } from "../polling-never.ts";

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

function task(
  name: string,
  run: (payload: unknown, context: TaskContext) => unknown,
  timeoutMs?: number,
): AnyTask {
  return defineTask({ name, payload: z.unknown(), run, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

function startWorker(tasks: AnyTask[], options: Partial<WorkerOptions> = {}) {
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
  return { worker, events };
}

/** A handler that stays until the test lets it go, and tells when it begins and what its signal says. */
function heldHandler() {
  const begun: TaskContext[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    begun,
    release: () => release(),
    run: async (_payload: unknown, context: TaskContext) => {
      begun.push(context);
      await gate;
    },
    runUntilAborted: (_payload: unknown, context: TaskContext) => {
      begun.push(context);
      return new Promise((_resolve, reject) => {
        context.signal.addEventListener("abort", () => reject(context.signal.reason));
      });
    },
  };
}

const stateOf = async (id: string) => (await queue.get(id)).state;
const untilState = (id: string, state: string) =>
  waitFor(async () => (await stateOf(id)) === state, { description: `job ${id} is ${state}` });

describe("a worker", () => {
  test("runs what is enqueued and completes it", async () => {
    const seen: unknown[] = [];
    const { events } = startWorker([task("echo", (payload) => seen.push(payload))]);

    const { id } = await queue.enqueue("echo", { n: 1 });

    await untilState(id, "completed");
    expect(seen).toEqual([{ n: 1 }]);
    await waitFor(() => events.some((event) => event.kind === "job-completed"), { description: "the event" });
  });

  test("runs no more than its concurrency at a time, and fills a freed slot from the backlog", async () => {
    let running = 0;
    let most = 0;
    const busy = task("busy", async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    await queue.enqueueMany(Array.from({ length: 40 }, () => ({ type: "busy" })));
    startWorker([busy], { concurrency: 3, pollMs: 60_000, clock: pollingNever });

    await waitFor(async () => (await queue.list({ type: "busy", state: "completed" })).length === 40, {
      description: "all 40 complete without another poll",
    });
    expect(most).toBe(3);
  });

  test("retries a throwing handler with the backoff of its attempt and the injected random source", async () => {
    const { id } = await queue.enqueue("flaky");
    startWorker(
      [
        task("flaky", () => {
          throw new Error("first time", { cause: new Error("the reason behind") });
        }),
      ],
      { clock: { ...systemClock, random: () => 0.25 } },
    );

    await waitFor(async () => (await queue.attempts(id)).length === 1, {
      description: "the attempt is recorded",
    });
    const { rows } = await pool.query(
      `SELECT state, attempts, (extract(epoch FROM run_at - updated_at) * 1000)::int AS delay
       FROM millrace.jobs WHERE id = $1`,
      [id],
    );
    expect(rows).toEqual([{ state: "queued", attempts: 1, delay: 5_250 }]);
    const [attempt] = await queue.attempts(id);
    expect(attempt).toMatchObject({ outcome: "retried", attempt: 1 });
    expect(attempt?.error).toMatch(/Error: first time\n\s+at .*\n(.*\n)*Caused by: Error: the reason behind/);
  });

  test.each([
    ["its attempts are used up", 1, () => new Error("last")],
    ["it throws Fatal", 3, () => new Fatal("hopeless")],
  ])("fails a job for good when %s", async (_when, maxAttempts, makeError) => {
    const { id } = await queue.enqueue("doomed", {}, { maxAttempts });
    startWorker([
      task("doomed", () => {
        throw makeError();
      }),
    ]);

    await untilState(id, "failed");
    expect((await queue.get(id)).lastError).toMatch(/last|hopeless/);
  });

  test("RetryLater chooses the delay", async () => {
    const { id } = await queue.enqueue("later");
    startWorker([
      task("later", () => {
        throw new RetryLater("busy", { delayMs: 77_000 });
      }),
    ]);

    await waitFor(async () => (await queue.attempts(id)).length === 1, {
      description: "the attempt is recorded",
    });
    const { rows } = await pool.query(
      "SELECT extract(epoch FROM run_at - updated_at)::int AS s FROM millrace.jobs WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ s: 77 }]);
  });

  test("a stored payload that does not fit fails its job at once, and the payload is kept", async () => {
    const { id } = await queue.enqueue("strict", { n: "seven" });
    startWorker([defineTask({ name: "strict", payload: z.object({ n: z.number() }), run: () => undefined })]);

    await untilState(id, "failed");
    const job = await queue.get(id);
    expect(job).toMatchObject({ attempts: 1, payload: { n: "seven" } });
    expect(job.lastError).toMatch(/INVALID_PAYLOAD/);
  });

  test("a handler that outlasts its time-out is aborted, and its attempt fails with the time-out", async () => {
    const held = heldHandler();
    const { id } = await queue.enqueue("slow", {}, { maxAttempts: 1 });
    startWorker([task("slow", held.runUntilAborted, 50)]);

    await untilState(id, "failed");
    expect((await queue.get(id)).lastError).toMatch(/JOB_TIMEOUT/);
  });
});

describe("leases of a running worker", () => {
  test("are renewed while the handler runs, by the database's clock", async () => {
    const held = heldHandler();
    const { id } = await queue.enqueue("long");
    startWorker([task("long", held.run)], { leaseSeconds: 5 });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });
    const first = (await queue.get(id)).leaseUntil;

    await waitFor(async () => Number((await queue.get(id)).leaseUntil) > Number(first), {
      description: "the lease is extended",
    });

    held.release();
    await untilState(id, "completed");
  });

  test("once lost, abort the handler with LeaseLost, and nothing it does about the job is written", async () => {
    const held = heldHandler();
    const { id } = await queue.enqueue("stolen");
    const { events } = startWorker([task("stolen", held.runUntilAborted)], { leaseSeconds: 5 });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });

    const { leaseToken } = await queue.get(id);
    await pool.query(
      `UPDATE millrace.jobs SET lease_token = lease_token + 1, worker_id = 'thief',
         lease_until = now() + interval '1 hour' WHERE id = $1`,
      [id],
    );

    await waitFor(() => events.some((event) => event.kind === "lease-lost"), {
      description: "the loss is told",
    });
    expect(held.begun[0]?.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(await queue.get(id)).toMatchObject({
      state: "running",
      workerId: "thief",
      leaseToken: leaseToken + 1,
    });
    expect(await queue.attempts(id)).toEqual([]);
  });

  test("that run out under a dead worker are taken back by any other worker", async () => {
    const [dead] = [await queue.enqueue("orphan", {}, { queue: "orphans" })];
    await queue.runs.claim({ queues: ["orphans"], workerId: "dead", limit: 1, leaseSeconds: 5 });
    await pool.query("UPDATE millrace.jobs SET lease_until = now() - interval '1 ms' WHERE id = $1", [
      dead.id,
    ]);

    startWorker([task("orphan", () => undefined)], { queues: ["orphans"] });

    await untilState(dead.id, "completed");
    expect(await queue.get(dead.id)).toMatchObject({ crashes: 1, attempts: 1 });
  });

  test("a running job that is canceled has its handler aborted and ends as canceled", async () => {
    const held = heldHandler();
    const { id } = await queue.enqueue("cancel-me");
    startWorker([task("cancel-me", held.runUntilAborted)]);
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });

    expect(await queue.cancel(id)).toBe("cancel-requested");

    await untilState(id, "canceled");
    expect(held.begun[0]?.signal.reason).toBeInstanceOf(JobCanceledError);
  });
});

describe("stop", () => {
  test("lets a running handler finish and claims nothing more", async () => {
    const held = heldHandler();
    const first = await queue.enqueue("finish");
    const { worker, events } = startWorker([task("finish", held.run)], { concurrency: 1 });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });
    const second = await queue.enqueue("finish");

    const stopped = worker.stop();
    held.release();
    await stopped;

    expect([await stateOf(first.id), await stateOf(second.id)]).toEqual(["completed", "queued"]);
    expect(events.at(-1)?.kind).toBe("stopped");
  });

  test("after the grace period aborts what still runs and queues it again, attempt refunded", async () => {
    const held = heldHandler();
    const { id } = await queue.enqueue("endless");
    const { worker } = startWorker([task("endless", held.runUntilAborted)], { shutdownGraceMs: 0 });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });

    await worker.stop();

    expect(held.begun[0]?.signal.reason).toBeInstanceOf(WorkerStoppingError);
    expect(await queue.get(id)).toMatchObject({ state: "queued", attempts: 0, leaseUntil: null });
  });

  test("is the same stop when asked twice", async () => {
    const { worker, events } = startWorker([task("none", () => undefined)]);

    await Promise.all([worker.stop(), worker.stop()]);

    expect(events.filter((event) => event.kind === "stopped")).toHaveLength(1);
  });
});

describe("a database that goes away", () => {
  test("while a job runs does not fail the job: its completion is written when the database is back", async () => {
    const held = heldHandler();
    const failing = { on: false };
    const { id } = await queue.enqueue("outage");
    const gone = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const { events } = startWorker([task("outage", held.run)], {
      db: { query: (text, values) => (failing.on ? Promise.reject(gone) : pool.query(text, values)) },
    });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });

    failing.on = true;
    held.release();
    await waitFor(() => events.some((event) => event.kind === "error" && event.during === "settle"), {
      description: "the completion is refused by the outage",
    });
    failing.on = false;

    await untilState(id, "completed");
    expect((await queue.get(id)).attempts).toBe(1);
  });

  test("under real connections that are terminated, every job still ends completed", async () => {
    const ids = (
      await queue.enqueueMany(Array.from({ length: 200 }, () => ({ type: "cut", queue: "cut" })))
    ).map((result) => result.id);
    const cutPool = database.pool({ application_name: "cut-me", max: 4 });
    cutPool.on("error", () => undefined);
    let cuts = 0;
    startWorker(
      [
        task("cut", async () => {
          if (cuts < 5) {
            cuts += 1;
            await pool.query(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut-me'",
            );
          }
        }),
      ],
      { db: cutPool, queues: ["cut"], concurrency: 10 },
    );
    const jobsLeft =
      "SELECT count(*)::int AS n FROM millrace.jobs WHERE queue = 'cut' AND state <> 'completed'";

    await waitFor(
      async () => {
        // A claim whose answer was cut off runs out; time is moved for it through the database. So it is for runs that
        // a busy machine keeps long, however often: none must come to have crashed too often.
        await pool.query(
          `UPDATE millrace.jobs SET lease_until = now(), run_at = least(run_at, now()), crashes = 0
           WHERE queue = 'cut' AND state = 'running' AND last_run_at < now() - interval '2 seconds'`,
        );
        return (await pool.query(jobsLeft)).rows[0].n === 0;
      },
      { description: "all jobs complete" },
    );
    expect(cuts).toBe(5);
    expect(ids).toHaveLength(200);
  });
});
