import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { createClient } from "../src/client/create-client.ts";
import { ORIGIN, useApi } from "./use-api.ts";

const ops = useApi({ authorize: () => "read" });

const client = () => createClient({ base: ORIGIN, fetch: (url, init) => ops.api(new Request(url, init)) });

// The lists and figures are of the whole system.
beforeEach(async () => {
  await ops.pool.query(`TRUNCATE ${JOB_TABLES}, millrace.workers, millrace.queue_minutes`);
});

describe("a worker", () => {
  test("is listed with what it counted, and with the runs that began first", async () => {
    const { pool, queue } = ops;
    await pool.query(
      `INSERT INTO millrace.workers (worker_id, queues, types, release, concurrency, paused_at, counts, crashed)
       VALUES ('w', '{q}', '{t}', '1.2.3', 8, now(), '{"completed": 5, "failed": 1, "retried": 2}', 3),
              ('older', '{q}', '{t}', NULL, NULL, NULL, '{}', 0)`,
    );
    const { id } = await queue.enqueue("t", {}, { queue: "q" });
    for (let n = 0; n < 24; n += 1) await queue.enqueue("t", {}, { queue: "q" });
    await queue.runs.claim({ workerId: "w", types: ["t"], queues: ["q"], limit: 25, leaseSeconds: 60 });
    await queue.cancel(id);

    const { workers } = await client().workers.list();

    expect(workers.map((worker) => worker.id)).toEqual(["older", "w"]);
    expect(workers[0]).toMatchObject({ release: null, concurrency: null, running: 0, runs: [], alive: true });
    expect(workers[1]).toMatchObject({
      ...{ queues: ["q"], types: ["t"], release: "1.2.3", concurrency: 8, running: 25, crashed: 3 },
      ...{ pausedAt: expect.any(String), leaseUntil: expect.any(String) },
      counts: { completed: 5, failed: 1, canceled: 0, retried: 2, refused: 0 },
    });
    expect(workers[1]?.runs).toHaveLength(20);
    expect(workers[1]?.runs.find((run) => run.id === id)).toMatchObject({
      ...{ type: "t", queue: "q", attempts: 1, cancelRequestedAt: expect.any(String) },
      leaseUntil: expect.any(String),
    });
  });
});

describe("the overview", () => {
  test("says how everything is now", async () => {
    const { pool, queue } = ops;
    await pool.query(
      "TRUNCATE millrace.waiting_jobs, millrace.claims, millrace.workers, millrace.job_schedules CASCADE",
    );
    await pool.query(
      "INSERT INTO millrace.workers (worker_id, queues, types, concurrency) VALUES ('w', '{a}', '{t}', 8)",
    );
    await pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, next_run_at, enabled)
       VALUES ('late', 't', '* * * * *', now() - interval '61 seconds', true),
              ('due', 't', '* * * * *', now() - interval '1 second', true),
              ('off', 't', '* * * * *', now() - interval '1 day', false),
              ('over', 't', '* * * * *', 'infinity', true)`,
    );
    await pool.query(
      `INSERT INTO millrace.queue_minutes (minute, queue, completed, retried)
       VALUES (date_trunc('minute', now()), 'a', 5, 1), (date_trunc('minute', now()) - interval '5 minutes', 'b', 2, 0),
              (date_trunc('minute', now()) - interval '30 minutes', 'b', 100, 100)`,
    );
    for (const name of ["a", "b"]) await queue.enqueue("t", {}, { queue: name });
    await queue.enqueue("t", {}, { queue: "b", delayMs: 3_600_000 });
    await queue.pause("b");
    await queue.runs.claim({ workerId: "w", types: ["t"], queues: ["a"], limit: 1, leaseSeconds: 60 });

    expect(await client().stats.overview()).toEqual({
      at: expect.any(String),
      queued: { count: 2, capped: false },
      due: { count: 1, capped: false },
      running: 1,
      oldestDueMs: expect.any(Number),
      pausedQueues: 1,
      workers: { alive: 1, running: 1, slots: 8 },
      schedules: { enabled: 3, overdue: 1, nextRunAt: expect.any(String) },
      lastTenMinutes: { completed: 7, failed: 0, retried: 1, crashed: 0 },
      snapshotHolder: null,
    });
  });

  test("of an empty database is empty", async () => {
    await ops.pool.query(
      `TRUNCATE millrace.waiting_jobs, millrace.claims, millrace.workers, millrace.job_schedules,
                millrace.queue_minutes, millrace.job_queues CASCADE`,
    );

    expect(await client().stats.overview()).toMatchObject({
      ...{ queued: { count: 0, capped: false }, running: 0, oldestDueMs: null, pausedQueues: 0 },
      schedules: { enabled: 0, overdue: 0, nextRunAt: null },
    });
    expect((await client().queues.list()).queues).toEqual([]);
    expect((await client().workers.list()).workers).toEqual([]);
  });
});

describe("the history", () => {
  test("has what workers counted, of all queues or of one", async () => {
    await ops.pool.query(
      `INSERT INTO millrace.queue_minutes (minute, queue, completed)
       VALUES (date_trunc('minute', now()), 'x', 5), (date_trunc('minute', now()), 'y', 2)`,
    );
    const sum = async (request: { hours?: number; queue?: string }) =>
      (await client().stats.history(request)).points.reduce((total, { completed }) => total + completed, 0);

    expect(await sum({})).toBe(7);
    expect(await sum({ hours: 168, queue: "x" })).toBe(5);
    expect(await sum({ queue: "none" })).toBe(0);
  });

  test.each(["hours=0", "hours=169", "hours=1.5", "hours=x", "hours=1&hours=2", "queue=", "other=1"])(
    "with %s is refused",
    async (query) => {
      const { status, body } = await ops.send("GET", `/stats/history?${query}`);

      expect([status, body.code]).toEqual([400, "INVALID_REQUEST"]);
    },
  );
});

test("no transaction that holds the snapshot is young", async () => {
  const client2 = await ops.pool.connect();
  try {
    await client2.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await client2.query("SELECT 1");

    expect(await client().stats.snapshotHolders()).toEqual({ holders: [] });
  } finally {
    await client2.query("ROLLBACK");
    client2.release();
  }
});
