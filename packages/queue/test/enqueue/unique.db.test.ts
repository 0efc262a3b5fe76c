import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, DuplicateJobError, type EnqueueOptions, type Queue } from "../../src/index.ts";

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

const claimAll = () =>
  queue.runs.claim({ queues: ["default", "other"], workerId: "w", limit: 100, leaseSeconds: 30 });

async function claimOne() {
  const [job] = await claimAll();
  if (job === undefined) throw new Error("A job must be due");
  return job;
}

async function liveJobs(): Promise<number> {
  const { rows } = await pool.query("SELECT count(*)::int AS n FROM millrace.jobs");
  return rows[0].n;
}

describe("onDuplicate", () => {
  test("`error` throws with the first job's id, and writes nothing", async () => {
    const { id } = await queue.enqueue("pay", 1, { idempotencyKey: "k" });

    const again = queue.enqueue("pay", 2, { idempotencyKey: "k", onDuplicate: "error" });

    await expect(again).rejects.toBeInstanceOf(DuplicateJobError);
    await expect(again).rejects.toMatchObject({ code: "DUPLICATE_JOB", jobId: id, idempotencyKey: "k" });
    expect(await liveJobs()).toBe(1);
  });

  test("`error` of one caller is not told to another whose enqueue shared its statement", async () => {
    await queue.enqueue("pay", 1, { idempotencyKey: "k" });

    const [refused, plain] = await Promise.allSettled([
      queue.enqueue("pay", 2, { idempotencyKey: "k", onDuplicate: "error" }),
      queue.enqueue("plain", 3),
    ]);

    expect(refused).toMatchObject({ status: "rejected" });
    expect(plain).toMatchObject({ status: "fulfilled", value: { outcome: "enqueued" } });
  });

  test("`error` for one of many writes none of them, on the pool and in the caller's transaction", async () => {
    await queue.enqueue("pay", 1, { idempotencyKey: "k" });
    const many = [{ type: "a" }, { type: "b", idempotencyKey: "k", onDuplicate: "error" }] as const;

    await expect(queue.enqueueMany(many)).rejects.toMatchObject({ code: "DUPLICATE_JOB" });
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await expect(queue.enqueueMany(many, { tx: client })).rejects.toMatchObject({ code: "DUPLICATE_JOB" });
      await queue.enqueue("kept", 1, { tx: client });
      await client.query("COMMIT");
    } finally {
      client.release();
    }

    expect((await queue.list()).map((job) => job.type).sort()).toEqual(["kept", "pay"]);
  });

  test("`replace` makes a job that is still queued the new one, under its old id, key and token", async () => {
    const first = await queue.enqueue("old", { n: 1 }, { idempotencyKey: "k", delayMs: 60_000 });
    await pool.query("UPDATE millrace.waiting_jobs SET attempts = 2, crashes = 1, lease_token = 2");
    const bystander = await queue.enqueue("old", { n: 1 }, { idempotencyKey: "other" });

    const options: EnqueueOptions = { queue: "other", priority: 4, maxAttempts: 9 };
    const again = await queue.enqueue(
      "new",
      { n: 2 },
      { idempotencyKey: "k", onDuplicate: "replace", ...options },
    );

    expect(again).toEqual({ id: first.id, outcome: "replaced" });
    expect(await queue.get(first.id)).toMatchObject({
      type: "new",
      payload: { n: 2 },
      ...options,
      attempts: 0,
      crashes: 0,
      leaseToken: 2,
      idempotencyKey: "k",
    });
    expect((await claimAll()).map((job) => job.id).sort()).toEqual([first.id, bystander.id].sort());
  });

  test("`replace` leaves a running job as it is, and tells of it", async () => {
    const first = await queue.enqueue("t", 1, { idempotencyKey: "k" });
    await claimOne();

    const again = await queue.enqueue("t", 2, { idempotencyKey: "k", onDuplicate: "replace" });

    expect(again).toEqual({ id: first.id, outcome: "duplicate" });
    expect((await queue.get(first.id)).payload).toBe(1);
  });

  test("of several replacements in one call, the last one counts", async () => {
    const replace = (payload: number) =>
      ({ type: "t", payload, idempotencyKey: "k", onDuplicate: "replace" }) as const;

    const results = await queue.enqueueMany([replace(1), replace(2), replace(3)]);

    expect(results.map((result) => result.outcome)).toEqual(["enqueued", "replaced", "replaced"]);
    expect((await queue.get(results[0]?.id ?? "")).payload).toBe(3);
    expect(await liveJobs()).toBe(1);
  });
});

describe("the scope of a key", () => {
  const scopes = [
    ["no scope", {}, { queued: false, running: false, completed: false, failed: false }],
    ["queued", { keyScope: "queued" }, { queued: false, running: true, completed: true, failed: true }],
    ["active", { keyScope: "active" }, { queued: false, running: false, completed: true, failed: true }],
    [
      "a period",
      { keyScope: { periodMs: 60_000 } },
      { queued: false, running: false, completed: false, failed: false },
    ],
  ] as const;

  const cases = scopes.flatMap(([name, options, free]) =>
    Object.entries(free).map(([state, isFree]) => ({ name, options, state, isFree })),
  );

  test.each(cases)(
    "with $name, the key of a job that is $state is free: $isFree",
    async ({ options, state, isFree }) => {
      const key = { idempotencyKey: "k", ...options };
      const first = await queue.enqueue("t", 1, key);
      const claimed = state === "queued" ? [] : [await claimOne()];
      if (state === "completed") await queue.runs.complete(claimed);
      if (state === "failed") {
        await queue.runs.fail(claimed.map((run) => ({ ...run, error: "x", retryInMs: null })));
      }

      const second = await queue.enqueue("t", 2, key);

      expect(second.outcome).toBe(isFree ? "enqueued" : "duplicate");
      expect(second.id === first.id).toBe(!isFree);
      expect((await queue.get(first.id)).state).toBe(state);
    },
  );

  test.each([
    [-60, "enqueued"],
    [+60, "duplicate"],
  ] as const)("a period that ends %i s from now answers %s", async (seconds, outcome) => {
    const key = { idempotencyKey: "k", keyScope: { periodMs: 60_000 } };
    await queue.enqueue("t", 1, key);
    await pool.query("UPDATE millrace.job_keys SET until = now() + $1 * interval '1 second'", [seconds]);

    expect((await queue.enqueue("t", 2, key)).outcome).toBe(outcome);
  });

  test("pruning frees no key within its period, and frees it afterwards", async () => {
    const throttle = { key: "k", periodMs: 60_000 };
    const first = await queue.enqueue("t", 1, { throttle });
    await queue.runs.complete([await claimOne()]);

    expect(await queue.prune({ olderThanMs: 0 })).toBe(0);
    expect(await queue.enqueue("t", 2, { throttle })).toEqual({ id: first.id, outcome: "duplicate" });
    await pool.query("UPDATE millrace.job_keys SET until = now()");
    expect(await queue.prune({ olderThanMs: 0 })).toBe(1);
    expect((await queue.enqueue("t", 2, { throttle })).outcome).toBe("enqueued");
  });

  test("a job that lost its key while it ran is completed all the same", async () => {
    const key = { idempotencyKey: "k", keyScope: "queued" } as const;
    const first = await queue.enqueue("t", 1, key);
    const run = await claimOne();
    await queue.enqueue("t", 2, key);

    expect(await queue.runs.complete([run])).toEqual([]);

    expect((await queue.get(first.id)).state).toBe("completed");
  });

  test("completing a job ends it with any key, and only a key with a period stays taken", async () => {
    const scopes = ["queued", "active", { periodMs: 60_000 }] as const;
    const enqueueEach = () =>
      Promise.all(
        scopes.map((keyScope) =>
          queue.enqueue("t", 1, { idempotencyKey: JSON.stringify(keyScope), keyScope }),
        ),
      );
    await enqueueEach();

    await queue.runs.complete(await claimAll());

    const { rows } = await pool.query("SELECT count(*)::int AS n FROM millrace.ended_jobs");
    expect(rows).toEqual([{ n: 3 }]);
    const again = await enqueueEach();
    expect(again.map(({ outcome }) => outcome)).toEqual(["enqueued", "enqueued", "duplicate"]);
  });

  test("freeing a key leaves the expired keys of other jobs alone", async () => {
    const [mine, other] = await queue.enqueueMany(
      ["k", "other"].map((idempotencyKey) => ({ type: "t", idempotencyKey, keyScope: "active" as const })),
    );
    await queue.runs.fail((await claimAll()).map((run) => ({ ...run, error: "x", retryInMs: null })));

    await queue.enqueue("t", 2, { idempotencyKey: "k", keyScope: "active" });

    expect((await queue.get(mine?.id ?? "")).idempotencyKey).toBeNull();
    expect((await queue.get(other?.id ?? "")).idempotencyKey).toBe("other");
  });

  test("a failed job that is retried before another took its key holds it again", async () => {
    const key = { idempotencyKey: "k", keyScope: "active" } as const;
    const first = await queue.enqueue("t", 1, key);
    await queue.runs.fail([{ ...(await claimOne()), error: "x", retryInMs: null }]);
    await queue.retry(first.id);

    expect(await queue.enqueue("t", 2, key)).toEqual({ id: first.id, outcome: "duplicate" });
  });
});

describe("debounce and throttle", () => {
  test("each debounced call pushes the job back and gives it its payload, until it is claimed", async () => {
    const call = (payload: number) =>
      queue.enqueue("save", payload, { debounce: { key: "doc", delayMs: 60_000 } });
    const first = await call(1);
    await pool.query("UPDATE millrace.waiting_jobs SET run_at = now() + interval '1 second'");

    const second = await call(2);

    expect(second).toEqual({ id: first.id, outcome: "replaced" });
    const { rows } = await pool.query(
      "SELECT payload, run_at > now() + interval '50 seconds' AS pushed FROM millrace.jobs",
    );
    expect(rows).toEqual([{ payload: 2, pushed: true }]);
    await pool.query("UPDATE millrace.waiting_jobs SET run_at = now()");
    await claimOne();
    expect((await call(3)).outcome).toBe("enqueued");
  });

  test("a throttled key makes one job in a period, whatever became of it", async () => {
    const call = () => queue.enqueue("sync", {}, { throttle: { key: "crm", periodMs: 60_000 } });
    const first = await call();
    await queue.runs.complete([await claimOne()]);

    expect(await call()).toEqual({ id: first.id, outcome: "duplicate" });
    await pool.query("UPDATE millrace.job_keys SET until = now()");
    expect((await call()).outcome).toBe("enqueued");
  });

  test.each([
    ["debounce", { debounce: { key: "k", delayMs: 1 }, idempotencyKey: "k" }],
    ["debounce", { debounce: { key: "k", delayMs: 1 }, delayMs: 1 }],
    ["debounce.key", { debounce: { key: "", delayMs: 1 } }],
    ["debounce.delayMs", { debounce: { key: "k", delayMs: -1 } }],
    ["throttle", { throttle: { key: "k", periodMs: 1 }, onDuplicate: "replace" }],
    ["throttle.periodMs", { throttle: { key: "k", periodMs: 0 } }],
    ["keyScope", { keyScope: "active" }],
    ["keyScope.periodMs", { idempotencyKey: "k", keyScope: { periodMs: 1.5 } }],
    ["onDuplicate", { onDuplicate: "error" }],
  ] as const)("a bad %s is refused before the database sees it", async (field, options) => {
    await expect(queue.enqueue("t", {}, options as EnqueueOptions)).rejects.toMatchObject({ field });
    expect(await liveJobs()).toBe(0);
  });
});
