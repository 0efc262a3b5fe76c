import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  createQueue,
  createWorker,
  defineTask,
  type LeaseCounts,
  type ObservedClaim,
  type WorkerEvent,
  type WorkerObserver,
} from "../../src/index.ts";
import { lockJob } from "../open-transaction.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

const nameOf = () => `observed-${crypto.randomUUID()}`;

/** An observer that keeps everything that it is told. */
function keeping() {
  const told = {
    attached: [] as string[],
    claims: [] as ObservedClaim[],
    waits: [] as { id: string; waitMs: number }[],
    settled: [] as number[],
    leases: [] as LeaseCounts[],
    enqueued: [] as [string, number][],
    events: [] as string[],
  };
  const observer: WorkerObserver = {
    attached: (worker) => void told.attached.push(worker.workerId),
    event: (event) => void told.events.push(event.kind),
    claimed: (claim) => void told.claims.push(claim),
    waited: ({ id }, waitMs) => void told.waits.push({ id, waitMs }),
    settled: (durationMs) => void told.settled.push(durationMs),
    renewed: (counts) => void told.leases.push(counts),
    enqueued: (queue, jobs) => void told.enqueued.push([queue, jobs]),
  };
  return { observer, told };
}

describe("an observed worker", () => {
  test("tells of its claims, its events and its writes", async () => {
    const queue = nameOf();
    const { observer, told } = keeping();
    await workers.queue.enqueueMany([
      { type: "t", queue },
      { type: "t", queue },
    ]);

    const { worker } = workers.start([anyTask("t", () => undefined)], { queues: [queue], observer });
    await waitFor(() => told.events.filter((kind) => kind === "job-completed").length === 2, {
      description: "both jobs to complete",
    });
    await waitFor(() => told.claims.some(({ result }) => result === "empty"), {
      description: "an empty claim",
    });
    await worker.stop();

    expect(told.attached).toEqual([worker.workerId]);
    expect(told.claims.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(2);
    expect(told.claims.every(({ durationMs }) => durationMs > 0)).toBe(true);
    expect(told.settled.length).toBeGreaterThan(0);
    expect(told.settled.every((durationMs) => durationMs > 0)).toBe(true);
    expect(told.events.at(0)).toBe("started");
    expect(told.events.at(-1)).toBe("stopped");
  });

  test("tells of a claim that failed", async () => {
    const { observer, told } = keeping();
    const db = { query: async () => Promise.reject(new Error("away")) };

    const { worker } = workers.start([anyTask("t", () => undefined)], { db, queues: [nameOf()], observer });
    await waitFor(() => told.claims.some(({ result }) => result === "failed"), {
      description: "a claim to fail",
    });

    expect(worker.health()).toMatchObject({ sinceRoundMs: null, claimError: new Error("away") });
  });

  test("tells how long a job was due before its handler began, by the database's clock", async () => {
    const queue = nameOf();
    const { observer, told } = keeping();
    const hour = 3_600_000;
    const late = await workers.queue.enqueue("t", {}, { queue, runAt: new Date(Date.now() - hour) });
    const fresh = await workers.queue.enqueue("t", {}, { queue });
    await workers.pool.query(
      "INSERT INTO millrace.jobs (type, queue, run_at) VALUES ('t', $1, '-infinity')",
      [queue],
    );

    workers.start([anyTask("t", () => undefined)], { queues: [queue], observer });
    await waitFor(() => told.waits.length === 3, { description: "three handlers to begin" });

    const waitOf = (id: string) => told.waits.find((wait) => wait.id === id)?.waitMs ?? Number.NaN;
    expect(waitOf(late.id) - waitOf(fresh.id)).toBeGreaterThan(hour / 2);
    expect(waitOf(fresh.id)).toBeGreaterThanOrEqual(0);
    expect(waitOf(fresh.id)).toBeLessThan(hour / 2);
    expect(told.waits.filter(({ waitMs }) => waitMs === 0)).toHaveLength(1);
  });

  test.each(["loop", "thread"] as const)("tells of leases that the %s renewed and lost", async (renewal) => {
    const queue = nameOf();
    const { observer, told } = keeping();
    const held = heldHandler();
    await workers.queue.enqueue("t", {}, { queue });
    const { worker } = workers.start([anyTask("t", held.run)], {
      queues: [queue],
      observer,
      renewal,
      leaseSeconds: 5,
    });
    const sum = (name: keyof LeaseCounts) => told.leases.reduce((total, counts) => total + counts[name], 0);
    await waitFor(() => sum("renewed") > 0, { description: "the lease to be renewed" });
    expect(worker.health()).toMatchObject({ renewedBy: renewal, leaseMs: 5_000, held: 1, running: 1 });
    expect(sum("lost")).toBe(0);

    await workers.pool.query("DELETE FROM millrace.claims WHERE worker_id = $1", [worker.workerId]);
    await waitFor(() => sum("lost") > 0, { description: "the lease to be lost" });
    held.release();
    await waitFor(() => told.events.includes("lease-lost"), { description: "the run to end" });

    expect(sum("lost")).toBe(1);
  });

  test("tells of what its handlers enqueue", async () => {
    const [queue, other] = [nameOf(), nameOf()];
    const { observer, told } = keeping();
    await workers.queue.enqueue("t", {}, { queue });

    workers.start([anyTask("t", (_, { enqueue }) => enqueue("u", {}, { queue: other }))], {
      queues: [queue],
      observer,
    });
    await waitFor(() => told.enqueued.length > 0, { description: "the handler to enqueue" });

    expect(told.enqueued).toEqual([[other, 1]]);
  });
});

/** An observer whose functions all throw, or return a promise that rejects. */
function throwing(fail: () => void): WorkerObserver {
  return {
    attached: fail,
    event: fail,
    claimed: fail,
    waited: fail,
    settled: fail,
    renewed: fail,
    enqueued: fail,
  };
}

describe("an observer that throws", () => {
  const broken = () => {
    throw new Error("broken metrics");
  };

  test.each([
    ["at once", broken],
    ["later", () => Promise.reject(new Error("broken metrics"))],
  ])("%s fails no job, keeps no job from its run, and is told", async (_when, fail) => {
    const [queue, other] = [nameOf(), nameOf()];
    await workers.queue.enqueueMany([
      { type: "t", queue },
      { type: "t", queue },
    ]);
    const events: WorkerEvent[] = [];
    const task = anyTask("t", (_, { enqueue }) => enqueue("u", {}, { queue: other }));

    workers.start([task], {
      queues: [queue],
      observer: throwing(fail),
      onEvent: (event) => events.push(event),
    });
    await waitFor(() => events.filter(({ kind }) => kind === "job-completed").length === 2, {
      description: "both jobs to complete",
    });

    expect(events.some(({ kind }) => kind === "job-failed" || kind === "job-retried")).toBe(false);
    expect(events).toContainEqual({ kind: "error", during: "observe", error: new Error("broken metrics") });
  });

  test("fails no enqueue, and the process is warned", async () => {
    const name = nameOf();
    const queue = createQueue(workers.pool, { observer: throwing(broken) });
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));

    expect(await queue.enqueue("t", {}, { queue: name })).toMatchObject({ outcome: "enqueued" });
    expect(await queue.enqueueMany([{ type: "t", queue: name }])).toHaveLength(1);

    expect((await warned).message).toBe("The observer's function enqueued threw: broken metrics");
  });
});

describe("the health of a worker", () => {
  test("says in which state it is, and when its claim loop went round", async () => {
    const held = heldHandler();
    const queue = nameOf();
    await workers.queue.enqueue("t", {}, { queue });
    const options = { db: workers.pool, queues: [queue], concurrency: 3 };
    const worker = createWorker({ ...options, tasks: [anyTask("t", held.run)], onEvent: () => undefined });
    const created = { state: "created", sinceRoundMs: null, running: 0, leaseLeftMs: null };
    expect(worker.health()).toMatchObject(created);

    worker.start();
    await waitFor(() => held.begun.length > 0, { description: "the handler to begin" });
    const { sinceRoundMs, leaseLeftMs, ...health } = worker.health();
    expect(health).toMatchObject({ state: "running", concurrency: 3, running: 1, held: 1, claimError: null });
    expect(sinceRoundMs).toBeGreaterThanOrEqual(0);
    expect(leaseLeftMs).toBeGreaterThan(0);
    expect(leaseLeftMs).toBeLessThanOrEqual(30_000);

    const stopped = worker.stop();
    expect(worker.health()).toMatchObject({ state: "stopping", running: 1 });
    held.release();
    await stopped;
    expect(worker.health()).toMatchObject({ state: "stopped", running: 0, held: 0 });
  });

  test("does not count a lease that somebody else's transaction keeps from being renewed", async () => {
    const held = heldHandler();
    const queue = nameOf();
    const { id } = await workers.queue.enqueue("t", {}, { queue });
    const { worker } = workers.start([anyTask("t", held.run)], {
      queues: [queue],
      renewal: "loop",
      leaseSeconds: 5,
    });
    await waitFor(() => held.begun.length > 0, { description: "the handler to begin" });
    const lock = await lockJob(workers.pool, id);

    await waitFor(() => worker.health().leaseLeftMs === null, {
      description: "the renewal to find the lock",
    });

    await lock.end("ROLLBACK");
    await waitFor(() => worker.health().leaseLeftMs !== null, { description: "the lease to be renewed" });
    held.release();
  });
});

describe("an observed queue", () => {
  test("tells of the new jobs of each queue, not of duplicates", async () => {
    const [one, two] = [nameOf(), nameOf()];
    const { observer, told } = keeping();
    const queue = createQueue(workers.pool, { observer });
    const task = defineTask({ name: "t", payload: z.object({}), run: () => undefined });
    const key = { idempotencyKey: crypto.randomUUID() };

    await queue.enqueue("t", {}, { queue: one, ...key });
    await queue.enqueue("t", {}, { queue: one, ...key });
    await queue.enqueue(task, {});
    const jobs = [
      { type: "t", queue: one, ...key },
      { type: "t", queue: two },
      { type: "t", queue: two },
    ];
    await queue.enqueueMany(jobs);
    await queue.enqueueMany(new Set(jobs));
    await queue.enqueueMany(
      (async function* () {
        yield* jobs;
      })(),
    );

    expect(told.enqueued).toEqual([
      [one, 1],
      ["default", 1],
      [two, 2],
      [two, 2],
      [two, 2],
    ]);
  });

  test("refuses what the queue refuses", async () => {
    const { observer, told } = keeping();
    const queue = createQueue(workers.pool, { observer });
    // The cast is safe: the call is wrong on purpose.
    const wrong = (jobs: unknown) => queue.enqueueMany(jobs as never);

    await expect(wrong(7)).rejects.toMatchObject({ code: "INVALID_JOB" });
    await expect(wrong([null])).rejects.toMatchObject({ code: "INVALID_JOB" });
    await expect(wrong([{ task: 7 }])).rejects.toMatchObject({ code: "INVALID_JOB" });
    expect(told.enqueued).toEqual([]);
  });
});
