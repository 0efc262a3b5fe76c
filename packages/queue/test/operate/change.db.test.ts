import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createQueue,
  type EnqueueOptions,
  type JobChange,
  type JsonValue,
  type Queue,
} from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { strayRows } from "./job-places.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

const HOUR_MS = 3_600_000;

const LARGE = { text: "x".repeat(5_000) };

const enqueue = async (payload: JsonValue = {}, options: EnqueueOptions = {}): Promise<string> =>
  (await queue.enqueue("t", payload, { delayMs: HOUR_MS, ...options })).id;

const claimAll = () => queue.runs.claim({ queues: ["default"], workerId: "w", limit: 100, leaseSeconds: 30 });

async function largePayloads(): Promise<number> {
  const { rows } = await pool.query("SELECT count(*)::int AS n FROM millrace.job_payloads");
  return rows[0].n;
}

describe("a change", () => {
  const runAt = new Date("2031-02-03T04:05:06.789Z");

  test.each<[JobChange, object]>([
    [{ payload: { n: 2 } }, { payload: { n: 2 } }],
    [{ payload: null }, { payload: null }],
    [{ payload: LARGE }, { payload: LARGE }],
    [{ runAt }, { runAt }],
    [{ priority: -7 }, { priority: -7 }],
    [{ queue: "other" }, { queue: "other" }],
    [{ maxAttempts: 2 }, { maxAttempts: 2 }],
    [{ idempotencyKey: "new" }, { idempotencyKey: "new" }],
    [{ idempotencyKey: null }, { idempotencyKey: null }],
    [{ tags: ["b", "c", "b"] }, { tags: ["b", "c"] }],
    [{ tags: [] }, { tags: [] }],
    [{ metadata: { by: "me" } }, { metadata: { by: "me" } }],
    [
      {
        payload: 3,
        runAt,
        priority: 3,
        queue: "o",
        maxAttempts: 3,
        idempotencyKey: "3",
        tags: ["3"],
        metadata: {},
      },
      {
        payload: 3,
        runAt,
        priority: 3,
        queue: "o",
        maxAttempts: 3,
        idempotencyKey: "3",
        tags: ["3"],
        metadata: {},
      },
    ],
  ])("to %j changes that, returns the changed job, and leaves the rest", async (change, changed) => {
    const id = await enqueue(
      { n: 1 },
      { idempotencyKey: "old", tags: ["a"], metadata: { of: "old" }, timeoutMs: 5 },
    );
    const bystander = await enqueue();
    const before = await queue.get(id);
    const bystanderBefore = await queue.get(bystander);

    const returned = await queue.change(id, change);

    const after = await queue.get(id);
    expect(returned).toEqual(after);
    expect(after).toEqual({ ...before, ...changed, updatedAt: after.updatedAt });
    expect(after.updatedAt.getTime()).toBeGreaterThanOrEqual(before.updatedAt.getTime());
    expect(await queue.get(bystander)).toEqual(bystanderBefore);
    expect(await strayRows(pool)).toEqual([]);
  });

  test("keeps the attempts of a job in backoff, and what its runs left", async () => {
    const id = await enqueue({}, { delayMs: 0, maxAttempts: 5 });
    await queue.runs.fail(
      (await claimAll()).map(({ id, leaseToken }) => ({ id, leaseToken, error: "x", retryInMs: HOUR_MS })),
    );

    await queue.change(id, { payload: { fixed: true }, delayMs: 0 });

    expect(await queue.get(id)).toMatchObject({ attempts: 1, lastError: "x", payload: { fixed: true } });
    expect(await claimAll()).toMatchObject([{ id, attempt: 2, payload: { fixed: true } }]);
  });

  test("moves a payload into job_payloads and out of it by its size", async () => {
    const id = await enqueue(LARGE);
    const counts: number[] = [];
    for (const payload of [1, LARGE, { text: "y".repeat(9_000) }, 2]) {
      await queue.change(id, { payload });
      expect((await queue.get(id)).payload).toEqual(payload);
      counts.push(await largePayloads());
    }

    expect(counts).toEqual([0, 1, 1, 0]);
    await queue.change(id, { payload: LARGE });
    await queue.change(id, { priority: 1, delayMs: 0 });
    expect(await claimAll()).toMatchObject([{ id, payload: LARGE }]);
  });

  test("in a transaction happens when that commits, and meanwhile nobody claims the job", async () => {
    const id = await enqueue({ n: 1 }, { delayMs: 0, idempotencyKey: "k" });
    const before = await queue.get(id);
    await using undone = await openTransaction(pool);
    await queue.change(id, { payload: LARGE, idempotencyKey: "other" }, { tx: undone.client });
    expect(await claimAll()).toEqual([]);
    await undone.end("ROLLBACK");
    expect(await queue.get(id)).toEqual(before);

    await using done = await openTransaction(pool);
    await queue.change(id, { payload: 1 }, { tx: done.client });
    await queue.change(id, { payload: LARGE }, { tx: done.client });
    await queue.change(id, { payload: 2 }, { tx: done.client });
    await done.end("COMMIT");
    expect(await claimAll()).toMatchObject([{ id, payload: 2 }]);
    expect(await strayRows(pool)).toEqual([]);
  });

  test("that is refused changes nothing, whatever else it names", async () => {
    const id = await enqueue({ n: 1 }, { idempotencyKey: "mine" });
    const holder = await enqueue({}, { idempotencyKey: "taken" });
    const before = await queue.get(id);

    const refused = queue.change(id, { payload: LARGE, priority: 9, idempotencyKey: "taken", delayMs: 0 });
    await expect(refused).rejects.toMatchObject({
      code: "DUPLICATE_JOB",
      jobId: holder,
      idempotencyKey: "taken",
    });

    expect(await queue.get(id)).toEqual(before);
    expect(await largePayloads()).toBe(0);
    expect(await strayRows(pool)).toEqual([]);
  });
});

describe("the key in a change", () => {
  test("is taken from then on, and the old key is free", async () => {
    const id = await enqueue({}, { idempotencyKey: "old" });

    await queue.change(id, { idempotencyKey: "new" });

    expect(await queue.enqueue("t", {}, { idempotencyKey: "new" })).toEqual({ id, outcome: "duplicate" });
    expect((await queue.enqueue("t", {}, { idempotencyKey: "old" })).outcome).toBe("enqueued");
    await queue.change(id, { idempotencyKey: null });
    expect((await queue.enqueue("t", {}, { idempotencyKey: "new" })).outcome).toBe("enqueued");
  });

  test("has the scope of the old key", async () => {
    const id = await enqueue({}, { idempotencyKey: "old", keyScope: "queued" });
    const throttled = (await queue.enqueue("t", {}, { throttle: { key: "t", periodMs: HOUR_MS } })).id;
    await queue.change(throttled, { idempotencyKey: "t2" });
    expect(await queue.deleteMany({ ids: [throttled] })).toMatchObject({ changed: 0 });

    await queue.change(id, { idempotencyKey: "new", delayMs: 0 });
    expect((await queue.enqueue("t", {}, { idempotencyKey: "new" })).outcome).toBe("duplicate");
    await claimAll();
    expect((await queue.enqueue("t", {}, { idempotencyKey: "new" })).outcome).toBe("enqueued");
  });

  test("of a job that had none has no scope: it stays taken until the job is deleted", async () => {
    const id = await enqueue();

    await queue.change(id, { idempotencyKey: "new", delayMs: 0 });
    await queue.runs.complete((await claimAll()).map(({ id, leaseToken }) => ({ id, leaseToken })));

    expect(await queue.enqueue("t", {}, { idempotencyKey: "new" })).toEqual({ id, outcome: "duplicate" });
  });

  test("may be the job's own", async () => {
    const id = await enqueue({}, { idempotencyKey: "own", keyScope: "active" });

    await queue.change(id, { idempotencyKey: "own", priority: 2 });

    expect(await queue.get(id)).toMatchObject({ idempotencyKey: "own", priority: 2 });
    const { rows } = await pool.query("SELECT job_id, scope FROM millrace.job_keys");
    expect(rows).toEqual([{ job_id: id, scope: "active" }]);
  });

  test("may be that of a job whose scope is over, which loses it", async () => {
    const { id: earlier } = await queue.enqueue("t", {}, { idempotencyKey: "k", keyScope: "active" });
    await queue.runs.complete((await claimAll()).map(({ id, leaseToken }) => ({ id, leaseToken })));
    const id = await enqueue();

    await queue.change(id, { idempotencyKey: "k" });

    expect((await queue.get(id)).idempotencyKey).toBe("k");
    expect((await queue.get(earlier)).idempotencyKey).toBeNull();
    expect((await queue.findByKey("k"))?.id).toBe(id);
  });

  test("may be one that the job lost to another job only once that job lets it go", async () => {
    const { id } = await queue.enqueue("t", {}, { idempotencyKey: "k", keyScope: "queued" });
    const [run] = await claimAll();
    const { id: holder } = await queue.enqueue("t", {}, { idempotencyKey: "k", delayMs: HOUR_MS });
    await queue.runs.release([{ id, leaseToken: run?.leaseToken ?? 0 }]);

    await expect(queue.change(id, { idempotencyKey: "k" })).rejects.toMatchObject({ jobId: holder });
    await queue.deleteMany({ ids: [holder] });
    expect((await queue.change(id, { idempotencyKey: "k" })).idempotencyKey).toBe("k");
  });

  test("of a job with a follower stays new when the follower is deleted, and the old key is free", async () => {
    const latest = { latest: { key: "k" } };
    const { id } = await queue.enqueue("t", 1, latest);
    const [run] = await claimAll();
    const { id: follower } = await queue.enqueue("t", 2, latest);
    await queue.runs.fail([{ id, leaseToken: run?.leaseToken ?? 0, error: "x", retryInMs: HOUR_MS }]);

    await queue.change(id, { idempotencyKey: "other" });
    await queue.deleteMany({ ids: [follower] });

    expect(await queue.findByKey("k")).toBeNull();
    expect((await queue.findByKey("other"))?.id).toBe(id);
    expect(await strayRows(pool)).toEqual([]);
  });
});
