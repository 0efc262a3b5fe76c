import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ClaimedJob, createQueue, type EnqueueOptions, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts`);
});

const LARGE = { text: "x".repeat(5_000) };

const claim = (): Promise<ClaimedJob[]> =>
  queue.runs.claim({ queues: ["default"], workerId: "w", limit: 100, leaseSeconds: 30 });

/** How many rows each table has that keeps something about jobs apart from the jobs. */
async function rowsApart(): Promise<Record<string, number>> {
  const tables = ["job_payloads", "job_keys", "job_attempts", "cancel_requests"];
  const counts = tables.map((table) => `(SELECT count(*)::int FROM millrace.${table}) AS ${table}`);
  const { rows } = await pool.query(`SELECT ${counts.join(", ")}`);
  return rows[0];
}

const NONE = { job_payloads: 0, job_keys: 0, job_attempts: 0, cancel_requests: 0 };

describe("a large payload", () => {
  test("stays one row and the same value, wherever its job goes", async () => {
    const { id } = await queue.enqueue("t", LARGE, { maxAttempts: 9 });
    const seen = async () => [(await queue.get(id)).state, (await queue.get(id)).payload];
    const fail = async (retryInMs: number | null) =>
      queue.runs.fail((await claim()).map((run) => ({ ...run, error: "x", retryInMs })));

    expect(await seen()).toEqual(["queued", LARGE]);
    const runs = await claim();
    expect(runs.map(({ payload }) => payload)).toEqual([LARGE]);
    expect(await seen()).toEqual(["running", LARGE]);
    await queue.runs.release(runs);
    expect(await seen()).toEqual(["queued", LARGE]);
    await fail(0);
    expect(await seen()).toEqual(["queued", LARGE]);
    await fail(null);
    expect(await seen()).toEqual(["failed", LARGE]);
    await queue.retry(id);
    expect(await seen()).toEqual(["queued", LARGE]);
    const last = await claim();
    expect(last.map(({ payload }) => payload)).toEqual([LARGE]);
    await queue.runs.complete(last);
    expect(await seen()).toEqual(["completed", LARGE]);

    expect(await rowsApart()).toMatchObject({ job_payloads: 1 });
  });

  test("takes the place of a small one and gives way to one, when its job is replaced", async () => {
    const key: EnqueueOptions = { idempotencyKey: "k", onDuplicate: "replace", delayMs: 60_000 };
    const { id } = await queue.enqueue("t", 1, key);
    const after: unknown[] = [];
    for (const payload of [LARGE, 2, LARGE, { text: "y".repeat(9_000) }]) {
      expect((await queue.enqueue("t", payload, key)).outcome).toBe("replaced");
      after.push([(await queue.get(id)).payload, (await rowsApart())["job_payloads"]]);
    }

    expect(after).toEqual([
      [LARGE, 1],
      [2, 0],
      [LARGE, 1],
      [{ text: "y".repeat(9_000) }, 1],
    ]);
  });

  test("of an enqueue that found its key taken is not kept", async () => {
    const key: EnqueueOptions = { idempotencyKey: "k" };
    await queue.enqueue("t", 1, key);

    expect((await queue.enqueue("t", LARGE, key)).outcome).toBe("duplicate");
    await queue.enqueueMany([{ type: "t", payload: LARGE, idempotencyKey: "k" }]);
    await pool.query("SELECT millrace.enqueue('t', $1, idempotency_key => 'k')", [LARGE]);

    expect(await rowsApart()).toMatchObject({ job_payloads: 0, job_keys: 1 });
  });
});

describe("whatever belongs to a job goes with it", () => {
  /** Jobs with a large payload, a key and an attempt that failed, of which some were asked to stop. */
  async function keptJobs(): Promise<ClaimedJob[]> {
    for (let n = 0; n < 4; n += 1)
      await queue.enqueue("t", LARGE, { idempotencyKey: `k${n}`, maxAttempts: 9 });
    await queue.runs.fail((await claim()).map((run) => ({ ...run, error: "x", retryInMs: 0 })));
    return claim();
  }

  test("when ended jobs are pruned", async () => {
    const runs = await keptJobs();
    await queue.cancel(runs[0]?.id ?? "");
    await queue.cancel(runs[1]?.id ?? "");
    await queue.runs.fail(runs.slice(0, 1).map((run) => ({ ...run, error: "x", retryInMs: 0 })));
    await queue.runs.complete(runs.slice(1));
    // The request to a run that completed all the same goes with the next recovery.
    await queue.runs.recover();

    expect(await queue.prune({ olderThanMs: 0 })).toBe(4);

    expect(await rowsApart()).toEqual(NONE);
  });

  test("when waiting and ended jobs are deleted, and a running one keeps what it has", async () => {
    const runs = await keptJobs();
    await queue.runs.complete(runs.slice(0, 1));
    await queue.runs.release(runs.slice(1, 3));

    expect(await queue.deleteMany({ all: true })).toMatchObject({ changed: 3 });

    expect(await rowsApart()).toEqual({ ...NONE, job_payloads: 1, job_keys: 1, job_attempts: 1 });
    expect(await queue.get(runs[3]?.id ?? "")).toMatchObject({ state: "running", payload: LARGE });
    await queue.runs.complete(runs.slice(3));
    expect(await queue.deleteMany({ all: true })).toMatchObject({ changed: 1 });
    expect(await rowsApart()).toEqual(NONE);
  });

  test("but not the key that another job has taken since", async () => {
    const key: EnqueueOptions = { idempotencyKey: "k", keyScope: "active" };
    const { id: old } = await queue.enqueue("t", 1, key);
    await queue.runs.complete(await claim());
    const { id: next } = await queue.enqueue("t", 2, key);

    expect(await queue.deleteMany({ ids: [old] })).toMatchObject({ changed: 1 });

    expect(await queue.enqueue("t", 3, key)).toEqual({ id: next, outcome: "duplicate" });
  });
});
