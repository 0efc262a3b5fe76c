import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { insertJob, rowOf } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 20 });
  queue = createQueue(pool);
});

/** No claim of another test has run out when a test asks what there is to recover. */
const LEASE_SECONDS = 3_600;

const claim = (lane: string | string[], limit = 10, workerId = "w") =>
  queue.runs.claim({ queues: [lane].flat(), workerId, limit, leaseSeconds: LEASE_SECONDS });

describe("claim", () => {
  test("takes due jobs only, by priority, then due time", async () => {
    const lane = "order";
    const late = await insertJob(pool, { queue: lane, runInSeconds: -10 });
    const early = await insertJob(pool, { queue: lane, runInSeconds: -20 });
    const urgent = await insertJob(pool, { queue: lane, priority: -1 });
    const future = await insertJob(pool, { queue: lane, runInSeconds: 60 });

    const taken = [await claim(lane, 1), await claim(lane, 1), await claim(lane, 1), await claim(lane, 1)];

    expect(taken.flat().map((job) => job.id)).toEqual([urgent, early, late]);
    expect((await rowOf(pool, future))["state"]).toBe("queued");
  });

  test("takes earlier queues first and never another queue's jobs", async () => {
    const second = await insertJob(pool, { queue: "lane-2", priority: -9 });
    const first = await insertJob(pool, { queue: "lane-1" });
    const other = await insertJob(pool, { queue: "lane-3" });

    expect((await claim(["lane-1", "lane-2"], 1)).map((job) => job.id)).toEqual([first]);
    expect((await claim(["lane-1", "lane-2"])).map((job) => job.id)).toEqual([second]);
    expect((await rowOf(pool, other))["state"]).toBe("queued");
  });

  test("gives the jobs in their order, whatever plan the server makes", async () => {
    await queue.enqueueMany(
      ["later", "sooner"].flatMap((name) =>
        Array.from({ length: 40 }, (_, n) => ({ type: name, queue: name, priority: n % 2 })),
      ),
    );
    const client = await pool.connect();
    try {
      // Joined by a hash, the table is read as it lies on the disk.
      await client.query("SET enable_nestloop = off; SET enable_tidscan = off");
      const jobs = await createQueue(client).runs.claim({
        queues: ["sooner", "later"],
        workerId: "w",
        limit: 100,
        leaseSeconds: LEASE_SECONDS,
      });
      expect(jobs.map((job) => job.queue)).toEqual([...Array(40).fill("sooner"), ...Array(40).fill("later")]);
      const ids = jobs.slice(0, 20).map((job) => job.id);
      expect(ids).toEqual([...ids].sort());
    } finally {
      client.release(true);
    }
  });
});

describe("the lease of a claim", () => {
  test("is set by the database's clock; the attempt is counted and the token moves on", async () => {
    await insertJob(pool, { queue: "lease", attempts: 1, leaseToken: 41 });

    const [job] = await claim("lease");

    expect(job?.attempt).toBe(2);
    expect(job?.leaseToken).toBeGreaterThan(41);
    const { rows } = await pool.query(
      `SELECT extract(epoch FROM lease_until - last_run_at)::int AS lease, worker_id, attempts, state
       FROM millrace.jobs WHERE id = $1`,
      [job?.id],
    );
    expect(rows).toEqual([{ lease: LEASE_SECONDS, worker_id: "w", attempts: 2, state: "running" }]);
  });
});

describe("claims at the same time", () => {
  test("two workers, one job: exactly one gets it", async () => {
    await insertJob(pool, { queue: "single" });

    const results = await Promise.all([claim("single", 5, "a"), claim("single", 5, "b")]);

    expect(results.flat()).toHaveLength(1);
  });

  test("a job that another transaction holds locked is skipped, not waited for", async () => {
    const held = await insertJob(pool, { queue: "locked", priority: -1 });
    const free = await insertJob(pool, { queue: "locked" });
    const holder = await pool.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT 1 FROM millrace.waiting_jobs WHERE id = $1 FOR UPDATE", [held]);

      expect((await claim("locked")).map((job) => job.id)).toEqual([free]);
      await holder.query("ROLLBACK");
    } finally {
      holder.release();
    }
    expect((await claim("locked")).map((job) => job.id)).toEqual([held]);
  });

  test("8 workers, 5,000 jobs: each is claimed once", async () => {
    await queue.enqueueMany(Array.from({ length: 5_000 }, () => ({ type: "t", queue: "drain" })));
    const claimed: string[] = [];

    await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        for (let jobs = await claim("drain", 37, `w${index}`); jobs.length > 0; ) {
          claimed.push(...jobs.map((job) => job.id));
          expect(await queue.runs.complete(jobs)).toEqual([]);
          jobs = await claim("drain", 37, `w${index}`);
        }
      }),
    );

    expect(claimed).toHaveLength(5_000);
    expect(new Set(claimed).size).toBe(5_000);
    const { rows } = await pool.query(
      "SELECT state, attempts, count(*)::int FROM millrace.jobs WHERE queue = 'drain' GROUP BY 1, 2",
    );
    expect(rows).toEqual([{ state: "completed", attempts: 1, count: 5_000 }]);
  });
});

describe("the options of a claim", () => {
  test.each([
    { limit: 0, leaseSeconds: 30 },
    { limit: 1, leaseSeconds: 4 },
    { limit: 1, leaseSeconds: 3_601 },
  ])("are refused when out of range: %j", async (options) => {
    await expect(queue.runs.claim({ queues: ["q"], workerId: "w", ...options })).rejects.toThrow(
      /Expected `/,
    );
  });
});

describe("recover", () => {
  test("a row with the id of a running job, written past the queue, keeps no run from being recovered", async () => {
    const twin = await insertJob(pool, { queue: "twins", state: "running", leaseInSeconds: -1 });
    const over = await insertJob(pool, {
      queue: "twins",
      state: "running",
      leaseInSeconds: -1,
      crashes: 1_000,
    });
    const other = await insertJob(pool, { queue: "twins", state: "running", leaseInSeconds: -1 });
    await pool.query("INSERT INTO millrace.waiting_jobs (id, type) VALUES ($1, 'twin')", [twin]);
    await pool.query(
      `INSERT INTO millrace.ended_jobs (id, queue, type, priority, run_at, lease_token, attempts, max_attempts,
                                        crashes, created_at, ended_at, state)
       VALUES ($1, 'twins', 'twin', 0, now(), 0, 1, 1, 0, now(), now(), 'completed')`,
      [over],
    );

    const { requeued } = await queue.runs.recover();

    expect(requeued).toContain(other);
    const places = [twin, over, other].map(async (id) => {
      const { rows } = await pool.query("SELECT type, state FROM millrace.jobs WHERE id = $1", [id]);
      return rows.map((row) => row.state);
    });
    expect(await Promise.all(places)).toEqual([["queued"], ["completed"], ["queued"]]);
  });

  test("an expired lease is claimed again, the crash is counted apart and its attempt refunded", async () => {
    const id = await insertJob(pool, { queue: "dead", state: "running", leaseInSeconds: -1 });
    const alive = await insertJob(pool, { queue: "alive", state: "running", leaseInSeconds: 1_000 });

    expect((await queue.runs.recover()).requeued).toEqual([id]);
    const [job] = await claim("dead");

    expect(job).toMatchObject({ id, attempt: 1, crashes: 1 });
    expect(job?.leaseToken).toBeGreaterThan(1);
    expect((await rowOf(pool, alive))["state"]).toBe("running");
    expect(await queue.attempts(id)).toMatchObject([
      { outcome: "crashed", attempt: 1, leaseToken: 1, workerId: "worker-of-the-test" },
    ]);
  });

  test.each([
    [0, 0],
    [1, 5],
    [2, 10],
    [4, 40],
    [30, 600],
  ])(
    "after %i earlier crashes the job waits %i s, and from the second crash on up to 5 s more",
    async (crashes, seconds) => {
      const id = await insertJob(pool, { queue: "wait", state: "running", leaseInSeconds: -1, crashes });

      await queue.runs.recover({ maxCrashes: 100 });

      const { rows } = await pool.query<{ s: number }>(
        "SELECT extract(epoch FROM run_at - updated_at)::float8 AS s FROM millrace.jobs WHERE id = $1",
        [id],
      );
      expect(rows[0]?.s).toBeGreaterThanOrEqual(seconds);
      expect(rows[0]?.s).toBeLessThanOrEqual(crashes === 0 ? 0 : seconds + 5);
    },
  );

  test("a job that crashed too often fails with an error that says so", async () => {
    const id = await insertJob(pool, { state: "running", leaseInSeconds: -1, crashes: 2 });

    expect((await queue.runs.recover({ maxCrashes: 2 })).failed).toEqual([id]);

    const job = await queue.get(id);
    expect(job).toMatchObject({ state: "failed", crashes: 3 });
    expect(job.lastError).toMatch(/more than the 2 crashes/);
  });
});

describe("recover, by many callers at once", () => {
  test("takes each job back once, in batches no larger than asked", async () => {
    for (let index = 0; index < 30; index += 1) {
      await insertJob(pool, { queue: "mass", state: "running", leaseInSeconds: -1 });
    }

    const results = await Promise.all(Array.from({ length: 5 }, () => queue.runs.recover({ limit: 6 })));

    const taken = results.flatMap((result) => result.requeued);
    expect(new Set(taken).size).toBe(taken.length);
    expect(Math.max(...results.map((result) => result.requeued.length))).toBeLessThanOrEqual(6);
    const { rows } = await pool.query("SELECT max(crashes) FROM millrace.jobs WHERE queue = 'mass'");
    expect(rows).toEqual([{ max: 1 }]);
  });
});
