import { startProxy, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { countingExecutor } from "../counting-executor.ts";
import { openTransaction } from "../open-transaction.ts";
import { claimTogether } from "../settle/claim-together.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 20 });
  queue = createQueue(pool);
});

afterEach(() => pool.query("DELETE FROM millrace.job_waits"));

/** Longer than a test: only a notice can come before. */
const never = { pollMs: 60_000 };

async function listeners(): Promise<number> {
  const { rows } = await pool.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN millrace_ended'",
  );
  return rows.length;
}

const untilListening = (count: number) =>
  waitFor(async () => (await listeners()) === count, { description: `${count} connections that listen` });

/** Waits until somebody has asked for a notice of the job's end. */
const untilAsked = (id: string) =>
  waitFor(
    async () => {
      const { rows } = await pool.query("SELECT FROM millrace.job_waits WHERE job_id = $1", [id]);
      return rows.length === 1;
    },
    { description: "a row in job_waits" },
  );

async function running() {
  const { runs } = await claimTogether(pool, 1);
  const [run] = runs;
  if (run === undefined) throw new Error("A job must run");
  return run;
}

describe("waitFor resolves with the ended job", () => {
  test("at once when the job has ended, and listens to nothing", async () => {
    const run = await running();
    await queue.runs.complete([{ ...run, output: '{"a":1}' }]);

    expect(await queue.waitFor(run.id, never)).toMatchObject({
      id: run.id,
      state: "completed",
      output: { a: 1 },
    });
    expect(await listeners()).toBe(0);
  });

  test.each([
    ["completed", (run: { id: string; leaseToken: number }) => queue.runs.complete([run])],
    [
      "failed",
      (run: { id: string; leaseToken: number }) => queue.runs.fail([{ ...run, error: "x", retryInMs: null }]),
    ],
    ["canceled", (run: { id: string; leaseToken: number }) => cancelRunning(run)],
  ] as const)("by a notice of another process, when the job is %s", async (state, end) => {
    const { id, leaseToken } = await running();
    const waiting = queue.waitFor(id, never);
    await untilListening(1);
    await untilAsked(id);

    await end({ id, leaseToken });

    expect(await waiting).toMatchObject({ id, state });
    await untilListening(0);
  });

  test("by a notice, when a queued job is canceled", async () => {
    const { id } = await queue.enqueue("t", {}, { queue: crypto.randomUUID() });
    const waiting = queue.waitFor(id, never);
    await untilListening(1);
    await queue.cancel(id);

    expect((await waiting).state).toBe("canceled");
  });

  test("not for an attempt that will be retried", async () => {
    const run = await running();
    const waiting = queue.waitFor(run.id, never);
    await untilListening(1);
    await queue.runs.fail([{ ...run, error: "x", retryInMs: 0 }]);
    const [again] = await queue.runs.claim({
      queues: [run.queue],
      workerId: "w",
      limit: 1,
      leaseSeconds: 30,
    });
    await queue.runs.complete(again === undefined ? [] : [again]);

    expect(await waiting).toMatchObject({ state: "completed", attempts: 2 });
  });

  test("by its poll, when the end came while its request was not committed", async () => {
    const run = await running();
    // The request waits for another request for the same job, which has not committed.
    await using transaction = await openTransaction(pool);
    await transaction.client.query("INSERT INTO millrace.job_waits (job_id, until) VALUES ($1, now())", [
      run.id,
    ]);
    const waiting = queue.waitFor(run.id, never);
    await waitFor(
      async () => {
        const { rows } = await pool.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0",
        );
        return rows.length > 0;
      },
      { description: "the request to wait" },
    );
    await queue.runs.complete([run]);
    await transaction.end("ROLLBACK");

    expect((await waiting).state).toBe("completed");
  });

  test("for every one of many waiters, over one connection, with one statement for each look", async () => {
    const { runs, ids } = await claimTogether(pool, 40);
    const db = countingExecutor(pool);
    const polling = createQueue(db);
    const waiting = [...ids, ...ids].flatMap((id) => [queue.waitFor(id, never), polling.waitFor(id)]);
    await untilListening(1);
    const before = db.statements;

    await queue.runs.complete(runs);
    const ended = await Promise.all(waiting);

    expect(new Set(ended.map(({ state }) => state))).toEqual(new Set(["completed"]));
    expect(before).toBeLessThanOrEqual(4);
  });

  test("on a database that is no pool, by polling", async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const run = await running();
      const waiting = createQueue(client).waitFor(run.id, { pollMs: 100 });
      await untilAsked(run.id);
      await queue.runs.complete([run]);

      expect((await waiting).state).toBe("completed");
      expect(await listeners()).toBe(0);
    } finally {
      await client.end();
    }
  });

  test("on a pool of one connection, by polling", async () => {
    const one = database.pool({ max: 1 });
    const run = await running();
    const waiting = createQueue(one).waitFor(run.id, { pollMs: 100 });
    await untilAsked(run.id);
    await queue.runs.complete([run]);

    expect((await waiting).state).toBe("completed");
  });

  test("although its connections were cut", async () => {
    const own = database.pool({ application_name: "cut" });
    own.on("error", () => undefined);
    const run = await running();
    const waiting = createQueue(own).waitFor(run.id, { pollMs: 100 });
    await untilListening(1);
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'cut' AND pid <> pg_backend_pid()`,
    );
    await queue.runs.complete([run]);

    expect((await waiting).state).toBe("completed");
  });

  test("although its listening connection gives no answer", async () => {
    await using proxy = await startProxy(new URL(database.url));
    const own = new pg.Pool({ connectionString: proxy.url });
    own.on("error", () => undefined);
    try {
      const run = await running();
      const waiting = createQueue(own).waitFor(run.id, { pollMs: 100 });
      await untilListening(1);
      proxy.stall("LISTEN millrace_ended");
      await queue.runs.complete([run]);

      expect((await waiting).state).toBe("completed");
    } finally {
      await own.end();
    }
  });
});

async function cancelRunning(run: { id: string; leaseToken: number }): Promise<void> {
  await queue.cancel(run.id);
  await queue.runs.fail([{ ...run, error: "canceled", retryInMs: null }]);
}

describe("waitFor rejects", () => {
  test("with JOB_NOT_FOUND for a job that is not there, and for one that is deleted meanwhile", async () => {
    const none = crypto.randomUUID();
    await expect(queue.waitFor(none)).rejects.toMatchObject({ code: "JOB_NOT_FOUND", jobId: none });

    const { id } = await queue.enqueue("t", {}, { queue: crypto.randomUUID() });
    const waiting = queue.waitFor(id, never);
    const rejected = expect(waiting).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    await untilListening(1);
    await queue.deleteMany({ ids: [id] });

    await rejected;
  });

  test("with WAIT_TIMED_OUT after its time-out, and the job goes on", async () => {
    const run = await running();

    await expect(queue.waitFor(run.id, { timeoutMs: 50 })).rejects.toMatchObject({
      code: "WAIT_TIMED_OUT",
      jobId: run.id,
      timeoutMs: 50,
    });
    expect((await queue.get(run.id)).state).toBe("running");
    await untilListening(0);
  });

  test("with the reason of its signal, before and during the wait; other waiters wait on", async () => {
    const run = await running();
    const aborted = AbortSignal.abort(new Error("before"));
    await expect(queue.waitFor(run.id, { signal: aborted })).rejects.toThrow("before");
    const controller = new AbortController();
    const waiting = queue.waitFor(run.id, { ...never, signal: controller.signal });
    const other = queue.waitFor(run.id, never);
    await untilListening(1);

    controller.abort(new Error("during"));

    await expect(waiting).rejects.toThrow("during");
    await queue.runs.complete([run]);
    expect((await other).state).toBe("completed");
  });

  test("with the database's error, when it does not pass", async () => {
    const refusing = createQueue({
      query: () => Promise.reject(Object.assign(new Error("permission denied"), { code: "42501" })),
    });

    await expect(refusing.waitFor(crypto.randomUUID())).rejects.toThrow("permission denied");
  });
});

describe("the row that asks for a notice", () => {
  test("lasts as long as the time-out, at most an hour, and is there again when it was deleted too early", async () => {
    const run = await running();
    const short = await running();
    const waiting = queue.waitFor(run.id, { pollMs: 100 });
    const timed = queue.waitFor(short.id, { timeoutMs: 600_000, pollMs: 100 });
    await untilAsked(run.id);
    await untilAsked(short.id);
    const { rows } = await pool.query(
      `SELECT round(extract(epoch FROM until - now()) / 60)::int AS minutes FROM millrace.job_waits
       WHERE job_id = ANY($1) ORDER BY until`,
      [[run.id, short.id]],
    );
    expect(rows).toEqual([{ minutes: 10 }, { minutes: 60 }]);

    await pool.query("DELETE FROM millrace.job_waits WHERE job_id = $1", [run.id]);
    await untilAsked(run.id);

    await queue.runs.complete([run, short]);
    await Promise.all([waiting, timed]);
  });

  test("is deleted with the notice, or by recovery when its time is over", async () => {
    const run = await running();
    const waiting = queue.waitFor(run.id, never);
    await untilAsked(run.id);
    await queue.runs.complete([run]);
    await waiting;
    await pool.query(
      `INSERT INTO millrace.job_waits (job_id, until)
       VALUES (gen_random_uuid(), now() - interval '1 s'), (gen_random_uuid(), now() + interval '1 hour')`,
    );

    await queue.runs.recover();

    const { rows } = await pool.query("SELECT until > now() AS lasts FROM millrace.job_waits");
    expect(rows).toEqual([{ lasts: true }]);
  });
});
