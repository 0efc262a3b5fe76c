import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type Executor, type Queue } from "../../src/index.ts";
import { retryJobs } from "../../src/operate/retry-jobs.sql.ts";
import { insertJob } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

const STATES = ["queued", "running", "completed", "failed", "canceled"] as const;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts, millrace.workers`);
});

/** The states of the jobs of a queue, by the name of the state they began in, which is their type. */
async function statesNow(name = "default"): Promise<Record<string, string>> {
  const jobs = await queue.list({ queue: name });
  return Object.fromEntries(jobs.map((job) => [job.type, job.state]));
}

async function oneOfEach(name = "default"): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const state of STATES) ids[state] = await insertJob(pool, { state, type: state, queue: name });
  return ids;
}

const AS_THEY_WERE = Object.fromEntries(STATES.map((state) => [state, state]));

describe("retryMany, cancelMany and deleteMany", () => {
  test("retryMany queues failed and canceled jobs again, and no others", async () => {
    await oneOfEach();

    expect(await queue.retryMany({ all: true })).toMatchObject({ changed: 2, skipped: 0, done: true });

    expect(await statesNow()).toEqual({ ...AS_THEY_WERE, failed: "queued", canceled: "queued" });
  });

  test("cancelMany cancels queued jobs, asks running ones to stop, and leaves others alone", async () => {
    const ids = await oneOfEach();

    expect(await queue.cancelMany({ all: true })).toMatchObject({
      changed: 1,
      cancelRequested: 1,
      skipped: 0,
      done: true,
    });

    expect(await statesNow()).toEqual({ ...AS_THEY_WERE, queued: "canceled" });
    expect((await queue.get(ids["running"] ?? "")).cancelRequestedAt).toBeInstanceOf(Date);
    expect((await queue.get(ids["failed"] ?? "")).cancelRequestedAt).toBeNull();
  });

  test("deleteMany deletes all but running jobs, those in history too, with their attempts", async () => {
    const ids = await oneOfEach();
    for (const id of Object.values(ids)) {
      await pool.query(
        "INSERT INTO millrace.job_attempts (job_id, lease_token, attempt, outcome) VALUES ($1, 1, 1, 'retried')",
        [id],
      );
    }
    await queue.enqueue("t", {}, { queue: "past" });
    await queue.runs.complete(
      await queue.runs.claim({ queues: ["past"], workerId: "w", limit: 1, leaseSeconds: 30 }),
    );

    expect(await queue.deleteMany({ all: true })).toMatchObject({ changed: 5, skipped: 0, done: true });

    expect((await queue.list()).map((job) => job.id)).toEqual([ids["running"]]);
    const { rows } = await pool.query("SELECT job_id FROM millrace.job_attempts");
    expect(rows).toEqual([{ job_id: ids["running"] }]);
  });

  test.each([
    ["state", { state: "failed" }],
    ["queue", { queue: "mine" }],
    ["type", { type: "mine" }],
    ["scheduleId", { scheduleId: "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f" }],
    ["createdBefore", { createdBefore: new Date("2001-01-01") }],
    ["finishedBefore", { finishedBefore: new Date("2001-01-01") }],
  ] as const)("the filter %s keeps every other job as it is", async (_name, filter) => {
    const bystander = await insertJob(pool, { state: "canceled", queue: "other", type: "other" });
    const mine = await insertJob(pool, { state: "failed", queue: "mine", type: "mine" });
    await pool.query(
      `INSERT INTO millrace.job_schedules (id, name, job_type, cron_expr)
       VALUES ('0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f', 's', 't', '@daily') ON CONFLICT DO NOTHING`,
    );
    await pool.query(
      `UPDATE millrace.ended_jobs SET schedule_id = '0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f',
         created_at = '2000-01-01', ended_at = '2000-01-01' WHERE id = $1`,
      [mine],
    );

    expect(await queue.retryMany(filter)).toMatchObject({ changed: 1 });

    expect((await queue.get(mine)).state).toBe("queued");
    expect((await queue.get(bystander)).state).toBe("canceled");
  });

  test("ids name the jobs, in batches, each once, and unknown ones are passed over", async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, () => insertJob(pool, { state: "failed" })));
    const bystander = await insertJob(pool, { state: "failed" });

    const named = [...ids, ids[0] ?? "", "00000000-0000-7000-8000-000000000000"];
    expect(await queue.retryMany({ ids: named }, { batchSize: 3 })).toMatchObject({ changed: 7, done: true });

    expect((await queue.get(bystander)).state).toBe("failed");
    expect(await queue.deleteMany({ ids: [bystander] })).toMatchObject({ changed: 1 });
  });

  test.each([
    ["retryMany", { state: "queued" }, "state"],
    ["cancelMany", { state: "failed" }, "state"],
    ["deleteMany", { state: "running" }, "state"],
    ["deleteMany", { ids: ["7"] }, "ids"],
    ["deleteMany", { createdBefore: new Date("nonsense") }, "createdBefore"],
  ] as const)("%s refuses %j, and changes nothing", async (command, filter, option) => {
    await oneOfEach();

    await expect(queue[command](filter)).rejects.toMatchObject({ code: "INVALID_OPTION", option });

    expect(await statesNow()).toEqual(AS_THEY_WERE);
  });

  test("a job that someone else has locked is left alone and counted as skipped", async () => {
    const locked = await insertJob(pool, { state: "failed" });
    const free = await insertJob(pool, { state: "failed" });
    const holder = await pool.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM millrace.ended_jobs WHERE id = $1 FOR UPDATE", [locked]);

      expect(await queue.retryMany({ all: true })).toMatchObject({ changed: 1, skipped: 1, done: true });
    } finally {
      await holder.query("ROLLBACK");
      holder.release();
    }
    expect((await queue.get(locked)).state).toBe("failed");
    expect((await queue.get(free)).state).toBe("queued");
  });

  test("an abort ends it between batches, and its `after` goes on where it ended", async () => {
    for (let n = 0; n < 6; n += 1) await insertJob(pool, { state: "failed" });
    const abort = new AbortController();
    const aborting = createQueue({
      async query(text, values) {
        if (text.includes("requeued AS")) abort.abort();
        return pool.query(text, values);
      },
    });

    const first = await aborting.retryMany({ all: true }, { batchSize: 2, signal: abort.signal });
    const rest = await queue.retryMany({ all: true }, { batchSize: 2, after: first.after ?? "" });

    expect(first).toMatchObject({ changed: 2, done: false });
    expect(rest).toMatchObject({ changed: 4, done: true });
  });

  test("a job enqueued while a walk is under way is not looked at", async () => {
    await queue.enqueue("early");
    let once = true;
    const racing = createQueue({
      async query(text, values) {
        if (once && text.includes("canceled AS")) {
          once = false;
          await queue.enqueue("late");
        }
        return pool.query(text, values);
      },
    });

    expect(await racing.cancelMany({ all: true })).toMatchObject({ changed: 1 });

    expect(await statesNow()).toMatchObject({ late: "queued" });
  });

  test("a batch reads a bounded number of buffers on a large table without statistics", async () => {
    await pool.query(
      `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                        max_attempts, crashes, created_at, ended_at, state)
       SELECT millrace.uuid_v7(), 'default', 't', '{}', 0, now(), 1, 1, 3, 0, now(), now(),
              CASE WHEN n % 2 = 0 THEN 'failed' ELSE 'completed' END
       FROM generate_series(1, 200000) n`,
    );
    let buffers = 0;
    const explaining: Executor = {
      async query(text, values) {
        const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
        const plan = rows[0]["QUERY PLAN"][0].Plan;
        buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
        return { rows: [] };
      },
    };

    const range = {
      above: "00000000-0000-0000-0000-000000000000",
      upTo: "ffffffff-ffff-ffff-ffff-ffffffffffff",
    };
    await retryJobs(explaining, { ...range, limit: 1_000 }, { filter: {}, states: ["failed"], most: 1_000 });

    expect(buffers).toBeGreaterThan(0);
    expect(buffers).toBeLessThan(20_000);
  });
});

describe("a retry wakes who sleeps", () => {
  async function heardOf(work: () => Promise<unknown>): Promise<string[]> {
    const heard: string[] = [];
    const listener = await pool.connect();
    try {
      listener.on("notification", (message) => heard.push(message.payload ?? ""));
      await listener.query("LISTEN millrace_jobs");
      await work();
      await pool.query("SELECT pg_notify('millrace_jobs', 'end')");
      await waitFor(() => heard.includes("end"), { description: "the last notification comes" });
    } finally {
      listener.removeAllListeners("notification");
      await listener.query("UNLISTEN *");
      listener.release();
    }
    return heard.slice(0, -1);
  }

  const setAsleep = (asleep: boolean) =>
    pool.query(
      "INSERT INTO millrace.workers (worker_id, queues, types, asleep) VALUES ('w', '{}', '{}', $1)",
      [asleep],
    );

  test("of one job and of many, once for each lane", async () => {
    await setAsleep(true);
    const id = await insertJob(pool, { state: "failed", queue: "one", priority: 3 });
    for (let n = 0; n < 4; n += 1) await insertJob(pool, { state: "failed", queue: "many" });

    expect(await heardOf(() => queue.retry(id))).toEqual(["3:one"]);
    expect(await heardOf(() => queue.retryMany({ all: true }))).toEqual(["0:many"]);
  });

  test("and nobody when nobody sleeps, except in the caller's transaction", async () => {
    await setAsleep(false);
    const ids = [
      await insertJob(pool, { state: "failed" }),
      await insertJob(pool, { state: "failed" }),
    ] as const;

    expect(await heardOf(() => queue.retry(ids[0]))).toEqual([]);
    expect(
      await heardOf(async () => {
        const client = await pool.connect();
        await client.query("BEGIN");
        await queue.retry(ids[1], { tx: client });
        await client.query("COMMIT");
        client.release();
      }),
    ).toEqual(["0:default"]);
  });
});
