import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { createQueue, type NewJob } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { anyTask, useWorkers } from "../use-workers.ts";
import { claimQueue, claimsLeft, claimTogether, countByState, leaseOf } from "./claim-together.ts";

const workers = useWorkers();

const ids = (jobs: readonly { id: string }[]) => jobs.map((job) => job.id).sort();

describe("a job that was claimed with 99 others", () => {
  test("is canceled alone: its run alone is asked to stop, and the others complete", async () => {
    const { queue, pool } = workers;
    const { queue: name, runs } = await claimTogether(pool, 100);
    const canceled = runs[41];
    if (canceled === undefined) throw new Error("100 jobs were claimed");
    const others = runs.filter((run) => run !== canceled);

    expect(await queue.cancel(canceled.id)).toBe("cancel-requested");

    const listed = await queue.list({ queue: name, limit: 200 });
    expect(listed).toHaveLength(100);
    expect(ids(listed.filter((job) => job.cancelRequestedAt !== null))).toEqual([canceled.id]);
    const extended = await queue.runs.extend(runs, 60);
    expect(extended).toMatchObject({ refused: [], locked: [] });
    expect(extended.cancelRequested.map(leaseOf)).toEqual([leaseOf(canceled)]);
    expect(await queue.runs.complete(others)).toEqual([]);
    expect((await queue.get(canceled.id)).state).toBe("running");
    const ended = await queue.runs.fail([{ ...canceled, error: "asked to stop", retryInMs: 0 }]);
    expect(ended).toEqual({
      retried: [],
      failed: [],
      canceled: [leaseOf(canceled)],
      released: [],
      refused: [],
    });
    expect(await countByState(pool, ids(runs))).toEqual({ completed: 99, canceled: 1 });
    expect(await claimsLeft(pool, name)).toBe(0);
  });

  test("gives its own payload, small or large, while it runs and after it has ended", async () => {
    const { queue, pool } = workers;
    const name = "payloads";
    // One of each kind in turn; a large one is kept elsewhere.
    const payloads = Array.from({ length: 100 }, (_, n) =>
      n % 3 === 0 ? { n, text: "x".repeat(5_000) } : n % 3 === 1 ? { n } : n,
    );
    const enqueued = await queue.enqueueMany(
      payloads.map((payload): NewJob => ({ type: "t", queue: name, payload })),
    );
    const { runs } = await claimQueue(pool, { name, count: 100 });
    const payloadsNow = async () =>
      (await Promise.all(enqueued.map(({ id }) => queue.get(id)))).map((job) => job.payload);

    expect(runs.map((run) => run.payload)).toEqual(payloads);
    expect(await payloadsNow()).toEqual(payloads);
    // Half of them end, in three ways; the other half still runs.
    const [one, two, three, ...more] = runs.slice(0, 50);
    if (one === undefined || two === undefined || three === undefined) throw new Error("100 were claimed");
    expect(await queue.runs.complete(more)).toEqual([]);
    await queue.runs.fail([{ ...one, error: "x", retryInMs: null }]);
    await queue.runs.fail([{ ...two, error: "x", retryInMs: 0 }]);
    expect(await queue.runs.release([three])).toEqual([]);
    expect(await payloadsNow()).toEqual(payloads);
    const again = await queue.runs.claim({ queues: [name], workerId: "next", limit: 9, leaseSeconds: 30 });
    expect(new Map(again.map((run) => [run.id, run.payload]))).toEqual(
      new Map([two, three].map((run) => [run.id, run.payload])),
    );
    expect(await queue.runs.complete([...again, ...runs.slice(50)])).toEqual([]);
    expect(await payloadsNow()).toEqual(payloads);
    expect(await claimsLeft(pool, name)).toBe(0);
  });

  test("has its key for as long as the key's scope says, and another job takes a key that is free", async () => {
    const { queue, pool } = workers;
    const name = "keys";
    const scopes = { queued: "queued", active: "active", pruned: undefined } as const;
    const enqueue = (key: keyof typeof scopes, to = name) => {
      const keyScope = scopes[key];
      return queue.enqueue("t", {}, { queue: to, idempotencyKey: key, ...(keyScope && { keyScope }) });
    };
    const holders = {
      queued: (await enqueue("queued")).id,
      active: (await enqueue("active")).id,
      pruned: (await enqueue("pruned")).id,
    };
    await queue.enqueueMany(Array.from({ length: 97 }, () => ({ type: "t", queue: name })));
    const { runs } = await claimQueue(pool, { name, count: 100 });

    const reused = await enqueue("queued", "keys-later");
    expect(reused.outcome).toBe("enqueued");
    expect(await enqueue("active", "keys-later")).toMatchObject({ id: holders.active });
    expect(await enqueue("pruned", "keys-later")).toMatchObject({ id: holders.pruned });
    expect((await queue.get(holders.queued)).idempotencyKey).toBeNull();
    expect((await queue.get(reused.id)).idempotencyKey).toBe("queued");

    expect(await queue.runs.complete(runs)).toEqual([]);
    expect((await enqueue("active", "keys-later")).outcome).toBe("enqueued");
    expect(await enqueue("pruned", "keys-later")).toMatchObject({ id: holders.pruned });
    expect(await enqueue("queued", "keys-later")).toMatchObject({ id: reused.id });
    expect(await countByState(pool, ids(runs))).toEqual({ completed: 100 });
    expect(await claimsLeft(pool, name)).toBe(0);
  });
});

describe("an operator's open transaction that cancels one job of a claim of 100", () => {
  test.each([
    ["COMMIT", "canceled"],
    ["ROLLBACK", "retried"],
  ] as const)("lets every write about the claim go on, and counts at its %s", async (end, outcome) => {
    const { queue, pool } = workers;
    const { queue: name, runs } = await claimTogether(pool, 100);
    const [canceled, ...others] = runs;
    if (canceled === undefined) throw new Error("100 jobs were claimed");
    await using transaction = await openTransaction(pool);
    expect(await queue.cancel(canceled.id, { tx: transaction.client })).toBe("cancel-requested");

    expect(await queue.runs.extend(runs, 60)).toEqual({ refused: [], locked: [], cancelRequested: [] });
    const failures = others.slice(0, 9).map((run) => ({ ...run, error: "x", retryInMs: null }));
    expect((await queue.runs.fail(failures)).failed).toHaveLength(9);
    expect(await queue.runs.release(others.slice(9, 10))).toEqual([]);
    expect(await queue.runs.complete(others.slice(10))).toEqual([]);
    expect(await countByState(pool, ids(runs))).toEqual({ running: 1, queued: 1, failed: 9, completed: 89 });

    await transaction.end(end);
    const ended = await queue.runs.fail([{ ...canceled, error: "x", retryInMs: 0 }]);
    expect(ended[outcome]).toEqual([leaseOf(canceled)]);
    expect(await claimsLeft(pool, name)).toBe(0);
  });

  test("lets a worker complete the other 99, and reaches the one when it commits", async () => {
    const { queue, pool } = workers;
    const name = "one-of-a-hundred";
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const task = anyTask(name, async (payload, { job, signal }) => {
      begun.push(job.id);
      if ((payload as { waits: boolean }).waits)
        await new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      await gate.promise;
    });
    const jobs = Array.from({ length: 100 }, (_, n) => ({
      type: name,
      queue: name,
      payload: { waits: n === 0 },
    }));
    const enqueued = await queue.enqueueMany(jobs);
    // A lease of an hour: the handler hears of the request by a notice.
    workers.start([task], { queues: [name], concurrency: 100, leaseSeconds: 3_600 });
    await waitFor(() => begun.length === 100, { description: "all jobs to run" });
    expect(await claimsLeft(pool, name)).toBe(1);
    const [one] = enqueued;
    if (one === undefined) throw new Error("100 jobs were enqueued");
    await using transaction = await openTransaction(pool);
    await createQueue(pool).cancel(one.id, { tx: transaction.client });

    gate.resolve();

    await waitFor(async () => (await countByState(pool, ids(enqueued)))["completed"] === 99, {
      description: "the other jobs to complete",
    });
    expect((await queue.get(one.id)).state).toBe("running");
    await transaction.end("COMMIT");
    await workers.untilState(one.id, "canceled");
    expect(await claimsLeft(pool, name)).toBe(0);
  });
});
