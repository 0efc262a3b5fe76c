import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ClaimedJob, createQueue, type Queue } from "../../src/index.ts";

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

const claimAll = () => queue.runs.claim({ queues: ["default"], workerId: "w", limit: 100, leaseSeconds: 30 });

async function claimOne(): Promise<ClaimedJob> {
  const [job] = await claimAll();
  if (job === undefined) throw new Error("A job must be due");
  return job;
}

async function liveJobs(): Promise<number> {
  const { rows } = await pool.query("SELECT count(*)::int AS n FROM millrace.jobs");
  return rows[0].n;
}

describe("races for a key", () => {
  test.each(["existing", "replace"] as const)(
    "50 enqueues of one key from 10 processes at once make one job, with %s",
    async (onDuplicate) => {
      const queues = Array.from({ length: 10 }, () => createQueue(pool));

      const results = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          queues[n % 10]?.enqueue("race", n, { idempotencyKey: "k", keyScope: "active", onDuplicate }),
        ),
      );

      expect(new Set(results.map((result) => result?.id)).size).toBe(1);
      expect(results.filter((result) => result?.outcome === "enqueued")).toHaveLength(1);
      expect(await liveJobs()).toBe(1);
    },
  );

  test("50 enqueues at once of an expired key make one job", async () => {
    const key = { idempotencyKey: "k", keyScope: "active" } as const;
    const first = await queue.enqueue("t", 1, key);
    await queue.runs.fail([{ ...(await claimOne()), error: "x", retryInMs: null }]);
    const queues = Array.from({ length: 10 }, () => createQueue(pool));

    const results = await Promise.all(
      Array.from({ length: 50 }, (_, n) => queues[n % 10]?.enqueue("t", n, key)),
    );

    expect(results.filter((result) => result?.outcome === "enqueued")).toHaveLength(1);
    expect(new Set(results.map((result) => result?.id)).size).toBe(1);
    expect((await queue.get(first.id)).idempotencyKey).toBeNull();
  });

  test("a replacement that waits for a claim changes nothing of the run, and makes a job of its own", async () => {
    const first = await queue.enqueue("t", 1, { idempotencyKey: "k", keyScope: "queued" });
    const claimer = await pool.connect();
    try {
      await claimer.query("BEGIN");
      const [run] = await createQueue(claimer).runs.claim({
        queues: ["default"],
        workerId: "w",
        limit: 1,
        leaseSeconds: 30,
      });
      const replacing = queue.enqueue("t", 2, {
        idempotencyKey: "k",
        keyScope: "queued",
        onDuplicate: "replace",
      });
      await untilBlocked();
      await claimer.query("COMMIT");

      expect(await replacing).toMatchObject({ outcome: "enqueued" });
      expect(run).toMatchObject({ id: first.id, payload: 1 });
      expect((await queue.get(first.id)).payload).toBe(1);
    } finally {
      claimer.release();
    }
  });

  test("a claim skips a job that is being replaced, and then gets all of the new one", async () => {
    await queue.enqueue("old", 1, { idempotencyKey: "k", priority: 1 });
    const replacer = await pool.connect();
    try {
      await replacer.query("BEGIN");
      await queue.enqueue("new", 2, { idempotencyKey: "k", onDuplicate: "replace", tx: replacer });

      expect(await claimAll()).toEqual([]);
      await replacer.query("COMMIT");

      expect(await claimAll()).toMatchObject([{ type: "new", payload: 2 }]);
    } finally {
      replacer.release();
    }
  });

  test("replacements and claims in a storm never run one call's type with another's payload", async () => {
    const claimed: ClaimedJob[] = [];
    let producing = true;
    const producers = Array.from({ length: 4 }, async (_, p) => {
      const own = createQueue(pool);
      for (let n = 0; n < 50; n += 1) {
        const name = `t-${p}-${n}`;
        await own.enqueue(
          name,
          { name },
          { idempotencyKey: "k", keyScope: "queued", onDuplicate: "replace" },
        );
      }
    });
    const produced = Promise.all(producers).finally(() => {
      producing = false;
    });
    while (producing) claimed.push(...(await claimAll()));
    await produced;
    claimed.push(...(await claimAll()));

    expect(claimed.length).toBeGreaterThan(1);
    for (const job of claimed) expect(job.payload).toEqual({ name: job.type });
    expect(await queue.list({ state: "queued" })).toEqual([]);
  });

  test("calls with the same keys in opposite orders do not wait for each other in a circle", async () => {
    const keyed = (n: number) => ({ type: "t", idempotencyKey: `k-${n}` });
    const rising = Array.from({ length: 500 }, (_, n) => keyed(n));

    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => queue.enqueueMany(n % 2 === 0 ? rising : [...rising].reverse())),
    );

    expect(results.flat().filter((result) => result.outcome === "enqueued")).toHaveLength(500);
    expect(await liveJobs()).toBe(500);
  });

  async function untilBlocked(): Promise<void> {
    await waitFor(
      async () => {
        const { rows } = await pool.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows.length > 0;
      },
      { description: "the replacement waits for the claim's lock" },
    );
  }
});
