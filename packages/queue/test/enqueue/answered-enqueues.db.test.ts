import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type Executor, InvalidJobError, type Queue } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";

const database = useTestDatabase();
let pool: pg.Pool;
/** The pool of the queue under test: of ten connections, two may wait in line. */
let own: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  own = database.pool({ max: 10, application_name: "under-test" });
  queue = createQueue(own);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
  await pool.query("DELETE FROM millrace.job_schedules");
});

async function insertSchedule(name: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    "INSERT INTO millrace.job_schedules (name, job_type, cron_expr) VALUES ($1, 't', '@daily') RETURNING id",
    [name],
  );
  return rows[0]?.id ?? "";
}

/** How many connections of the queue's pool wait for a lock. */
async function waitingForLocks(): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'under-test' AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

const untilSomeoneWaits = () =>
  waitFor(async () => (await waitingForLocks()) > 0, { description: "an enqueue to wait for a lock" });

/** Waits for an enqueue in the lock's queue: a brief wait, which sets a time-out, may be over at the next look. */
const untilSomeoneWaitsInLine = () =>
  waitFor(
    async () => {
      const { rows } = await pool.query(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'under-test' AND wait_event_type = 'Lock'
           AND position('lock_timeout' IN query) = 0`,
      );
      return rows.length > 0;
    },
    { description: "an enqueue to wait in line" },
  );

describe("an enqueue that was written", () => {
  test("is not written again when one beside it fails, even if its job has ended meanwhile", async () => {
    const ending = createQueue(pool);
    let inserted = false;
    /** Ends the new job between the insert and what follows. */
    const executor: Executor = {
      async query(text, values) {
        const result = await pool.query(text, values);
        if (!inserted && text.includes("INSERT INTO millrace.waiting_jobs")) {
          inserted = true;
          const [run] = await ending.runs.claim({
            queues: ["new"],
            workerId: "w",
            limit: 1,
            leaseSeconds: 30,
          });
          if (run === undefined) throw new Error("The new job must be due");
          expect(await ending.runs.complete([run])).toEqual([]);
        }
        return result;
      },
    };
    const debounce = { key: "held", delayMs: 60_000 };
    await ending.enqueue("held", {}, { debounce });
    const tried = createQueue(executor);

    const [written, failed] = await Promise.allSettled([
      tried.enqueue("new", {}, { queue: "new", idempotencyKey: "a", keyScope: "active" }),
      tried.enqueue("t", {}, { debounce, scheduleId: crypto.randomUUID() }),
    ]);

    expect(written).toMatchObject({ status: "fulfilled", value: { outcome: "enqueued" } });
    expect(failed).toMatchObject({ status: "rejected", reason: { code: "23503" } });
    expect((await queue.list({ queue: "new" })).map((job) => job.state)).toEqual(["completed"]);
  });

  test.each([
    ["without a key", () => ({})],
    ["with a key", (n: number) => ({ idempotencyKey: `k-${n}`, keyScope: "active" as const })],
  ])(
    "%s is not written again when its connection fails in words that nobody knows",
    async (_kind, optionsOf) => {
      const ending = createQueue(pool);
      const claim = () => ending.runs.claim({ queues: ["lost"], workerId: "w", limit: 10, leaseSeconds: 30 });
      let isLost = false;
      /** Loses the answer of the insert, and ends the new jobs before anybody knows. */
      const executor: Executor = {
        async query(text, values) {
          const result = await pool.query(text, values);
          if (isLost || !text.includes("INSERT INTO millrace.waiting_jobs")) return result;
          isLost = true;
          expect(await ending.runs.complete(await claim())).toEqual([]);
          throw new Error("socket hang up");
        },
      };
      const tried = createQueue(executor);

      const answers = await Promise.allSettled(
        [1, 2].map((n) => tried.enqueue("t", {}, { queue: "lost", ...optionsOf(n) })),
      );

      expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      expect(await claim()).toEqual([]);
      expect((await queue.list({ queue: "lost" })).map((job) => job.state)).toEqual([
        "completed",
        "completed",
      ]);
    },
  );

  test("is not overwritten by an earlier debounce that had to wait", async () => {
    const debounce = { key: "typing", delayMs: 60_000 };
    const { id } = await queue.enqueue("save", 1, { debounce });
    await using transaction = await openTransaction(pool);
    await transaction.client.query("SELECT FROM millrace.waiting_jobs WHERE id = $1 FOR UPDATE", [id]);
    const earlier = queue.enqueue("save", 2, { debounce });
    await untilSomeoneWaits();
    const later = queue.enqueue("save", 3, { debounce });
    await transaction.end("COMMIT");

    expect(await Promise.all([earlier, later])).toEqual([
      { id, outcome: "replaced" },
      { id, outcome: "replaced" },
    ]);
    expect((await queue.get(id)).payload).toBe(3);
  });
});

test("on a pool of one connection, many enqueues of held keys let one that wants none through", async () => {
  const small = createQueue(database.pool({ max: 1 }));
  const keys = Array.from({ length: 20 }, (_, n) => `held-${n}`);
  await using transaction = await openTransaction(pool);
  for (const key of keys) {
    await queue.enqueue("first", {}, { tx: transaction.client, idempotencyKey: key });
  }
  const waiting = keys.map((idempotencyKey) => small.enqueue("t", {}, { idempotencyKey }));

  expect(await small.enqueue("free")).toMatchObject({ outcome: "enqueued" });
  expect(await small.enqueue("free", {}, { idempotencyKey: "free" })).toMatchObject({ outcome: "enqueued" });
  await transaction.end("COMMIT");

  expect((await Promise.all(waiting)).every(({ outcome }) => outcome === "duplicate")).toBe(true);
});

describe("while a transaction holds a key", () => {
  test("a hundred callers that want it take one connection, and other keys go through", async () => {
    await using transaction = await openTransaction(pool);
    await queue.enqueue("first", {}, { tx: transaction.client, idempotencyKey: "held" });
    const callers = Array.from({ length: 100 }, () => queue.enqueue("t", {}, { idempotencyKey: "held" }));
    await untilSomeoneWaitsInLine();

    const others = await Promise.all(
      Array.from({ length: 20 }, (_, n) => queue.enqueue("t", {}, { idempotencyKey: `free-${n}` })),
    );
    expect(others.every(({ outcome }) => outcome === "enqueued")).toBe(true);
    expect(await waitingForLocks()).toBe(1);
    await transaction.end("COMMIT");

    expect(new Set((await Promise.all(callers)).map(({ outcome }) => outcome))).toEqual(
      new Set(["duplicate"]),
    );
  });

  test("an enqueue through a pool of REPEATABLE READ sessions waits, and is told of the job that has it", async () => {
    const strict = createQueue(
      database.pool({
        application_name: "under-test",
        options: "-c default_transaction_isolation=repeatable\\ read",
      }),
    );
    await using transaction = await openTransaction(pool);
    const { id } = await queue.enqueue("first", {}, { tx: transaction.client, idempotencyKey: "held" });
    const both = Promise.all(
      ["held", "free"].map((idempotencyKey) => strict.enqueue("t", {}, { idempotencyKey })),
    );
    await untilSomeoneWaits();
    await transaction.end("COMMIT");

    expect(await both).toMatchObject([{ id, outcome: "duplicate" }, { outcome: "enqueued" }]);
  });
});

test("a transaction that changes a schedule makes no job wait, of that schedule neither", async () => {
  const [renamed, other] = [await insertSchedule("renamed"), await insertSchedule("other")];
  await using transaction = await openTransaction(pool);
  await transaction.client.query("UPDATE millrace.job_schedules SET name = 'new' WHERE id = $1", [renamed]);

  const ofRenamed = await queue.enqueue("t", {}, { scheduleId: renamed });
  const others = await Promise.all([queue.enqueue("t"), queue.enqueue("t", {}, { scheduleId: other })]);

  expect([ofRenamed, ...others].map(({ outcome }) => outcome)).toEqual(["enqueued", "enqueued", "enqueued"]);
});

test("two enqueueMany calls with many keys in opposite orders both end, with results in their own orders", async () => {
  const jobs = Array.from({ length: 10_500 }, (_, n) => ({
    type: "t",
    payload: n,
    idempotencyKey: `k${String(n).padStart(6, "0")}`,
  }));
  const reversed = jobs.toReversed();

  const [forward, backward] = await Promise.all([queue.enqueueMany(jobs), queue.enqueueMany(reversed)]);

  expect(forward.map(({ id }) => id)).toEqual(backward.map(({ id }) => id).reverse());
});

test("a whole database in place of a transaction is refused by every command", async () => {
  const { id } = await queue.enqueue("t");
  const lease = { id, leaseToken: 1 };
  const tx = own;
  const calls = [
    () => queue.enqueue("t", {}, { tx }),
    () => queue.enqueueMany([{ type: "t" }], { tx }),
    () => queue.runs.complete([lease], { tx }),
    () => queue.runs.fail([{ ...lease, error: "x", retryInMs: null }], { tx }),
    () => queue.cancel(id, { tx }),
    () => queue.retry(id, { tx }),
  ];

  for (const call of calls) {
    await expect(call()).rejects.toMatchObject({ code: "INVALID_OPTION", option: "tx" });
  }
  expect(await queue.list()).toHaveLength(1);
});

test("an instant that PostgreSQL cannot read is refused by name", async () => {
  await expect(queue.enqueue("t", {}, { runAt: new Date("+010000-01-01") })).rejects.toThrow(InvalidJobError);
});

test("deleting jobs leaves a throttle's job for its period", async () => {
  const throttle = { key: "crm", periodMs: 60_000 };
  const { id } = await queue.enqueue("sync", {}, { throttle });

  expect(await queue.deleteMany({ ids: [id] })).toMatchObject({ changed: 0 });
  expect(await queue.enqueue("sync", {}, { throttle })).toEqual({ id, outcome: "duplicate" });
  await pool.query("UPDATE millrace.job_keys SET until = now() - interval '1 s'");

  expect(await queue.deleteMany({ ids: [id] })).toMatchObject({ changed: 1 });
});
