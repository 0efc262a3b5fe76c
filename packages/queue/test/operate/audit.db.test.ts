import { randomUUID } from "node:crypto";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AuditEntry, createQueue, type Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { openTransaction } from "../open-transaction.ts";

const database = useTestDatabase();
const AUDIT = { who: "ada", via: "test" };
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool, { audit: AUDIT });
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.audit_log, millrace.job_queues`);
});

/** What a command wrote into the log: its rows, oldest first, without ids and times. */
async function recorded(work: () => Promise<unknown>) {
  const known = new Set((await queue.audit({ limit: 1_000 })).map((entry) => entry.id));
  await work();
  const entries = (await queue.audit({ limit: 1_000 })).filter((entry) => !known.has(entry.id)).reverse();
  expect(new Set(entries.map((entry) => entry.commandId)).size).toBeLessThanOrEqual(1);
  return entries.map(({ action, filter, changed, before }) => ({ action, filter, changed, before }));
}

/** When a queued job is due, as JSON has it: to the microsecond. */
async function instantOf(id: string): Promise<string> {
  const { rows } = await pool.query("SELECT to_json(run_at) AS at FROM millrace.waiting_jobs WHERE id = $1", [
    id,
  ]);
  return rows[0].at;
}

const sorted = (before: AuditEntry["before"]) =>
  [...before].sort((a, b) => ((a.id ?? "") < (b.id ?? "") ? -1 : 1));

describe("a command on one job writes one row, with the job as it was", () => {
  test("cancel of a queued job and of a running one", async () => {
    const queued = await insertJob(pool);
    const running = await insertJob(pool, { state: "running" });

    expect(await recorded(() => queue.cancel(queued))).toEqual([
      { action: "cancel", filter: { id: queued }, changed: 1, before: [{ id: queued, state: "queued" }] },
    ]);
    expect(await recorded(() => queue.cancel(running))).toEqual([
      { action: "cancel", filter: { id: running }, changed: 1, before: [{ id: running, state: "running" }] },
    ]);
    expect((await queue.get(queued)).state).toBe("canceled");
  });

  /** What an undo of a retry needs. */
  const RETRIED = {
    ...{ runAt: expect.any(String), endedAt: expect.any(String), attempts: 1, crashes: 0, leaseToken: 1 },
  };

  test.each(["completed", "failed", "canceled"] as const)("retry of a %s job", async (state) => {
    const id = await insertJob(pool, { state });

    expect(await recorded(() => queue.retry(id))).toEqual([
      { action: "retry", filter: { id }, changed: 1, before: [{ id, state, ...RETRIED }] },
    ]);
    expect((await queue.get(id)).state).toBe("queued");
  });

  test("runNow, if the job was not due", async () => {
    const later = await insertJob(pool, { runInSeconds: 3_600 });
    const due = await insertJob(pool, { runInSeconds: -5 });
    const runAt = await instantOf(later);

    expect(await recorded(() => queue.runNow(later))).toEqual([
      {
        action: "runNow",
        filter: { id: later },
        changed: 1,
        before: [{ id: later, state: "queued", runAt, leaseToken: 1 }],
      },
    ]);
    expect(await recorded(() => queue.runNow(due))).toEqual([]);
  });

  test("change, with the old values of what it changed", async () => {
    const payload = { order: 7 };
    const { id } = await queue.enqueue("t", payload, {
      queue: "a",
      tags: ["x"],
      delayMs: 1_000,
      idempotencyKey: "k",
    });
    const runAt = await instantOf(id);
    const change = { payload: { order: 8 }, queue: "b", tags: ["y"], delayMs: 5_000, idempotencyKey: null };

    expect(await recorded(() => queue.change(id, change))).toEqual([
      {
        action: "change",
        filter: { id, change },
        changed: 1,
        before: [
          {
            ...{ id, state: "queued", leaseToken: 0, payload, queue: "a", tags: ["x"], runAt },
            ...{ idempotencyKey: "k", keyScope: null, keyUntil: null },
          },
        ],
      },
    ]);
    expect(await queue.get(id)).toMatchObject({ queue: "b", payload: { order: 8 } });
  });

  test("a command that is refused writes none", async () => {
    const id = await insertJob(pool, { state: "completed" });
    const refused = async () => {
      await expect(queue.cancel(id)).rejects.toMatchObject({ code: "JOB_STATE" });
      await expect(queue.runNow(id)).rejects.toMatchObject({ code: "JOB_STATE" });
      await expect(queue.change(id, { priority: 1 })).rejects.toMatchObject({ code: "JOB_STATE" });
      await expect(queue.retry(randomUUID())).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
      await expect(queue.change(id, { priority: 1.5 })).rejects.toMatchObject({ code: "INVALID_JOB" });
    };

    expect(await recorded(refused)).toEqual([]);
  });
});

describe("a command on many jobs writes a row for each step, with the changed jobs", () => {
  test("cancelMany: queued jobs and running ones", async () => {
    const queued = await insertJob(pool);
    const running = await insertJob(pool, { state: "running" });
    await insertJob(pool, { state: "failed" });

    const [entry, ...more] = await recorded(() => queue.cancelMany({ queue: "default" }, { limit: 9 }));

    expect(entry).toMatchObject({ action: "cancelMany", filter: { queue: "default", limit: 9 }, changed: 2 });
    expect(sorted(entry?.before ?? [])).toEqual([
      { id: queued, state: "queued" },
      { id: running, state: "running" },
    ]);
    expect(more).toEqual([]);
  });

  test("retryMany, runNowMany and deleteMany, with the states before", async () => {
    const failed = await insertJob(pool, { state: "failed" });
    const canceled = await insertJob(pool, { state: "canceled" });
    const later = await insertJob(pool, { runInSeconds: 3_600 });
    const completed = await insertJob(pool, { state: "completed" });

    const retried = await recorded(() => queue.retryMany({ all: true }));
    const run = await recorded(() => queue.runNowMany({ all: true }));
    const deleted = await recorded(() => queue.deleteMany({ all: true }));

    expect(retried).toMatchObject([{ action: "retryMany", filter: { all: true }, changed: 2 }]);
    expect(sorted(retried[0]?.before ?? [])).toMatchObject([
      { id: failed, state: "failed" },
      { id: canceled, state: "canceled" },
    ]);
    expect(run).toMatchObject([
      { action: "runNowMany", changed: 1, before: [{ id: later, state: "queued" }] },
    ]);
    expect(deleted).toMatchObject([{ action: "deleteMany", changed: 4 }]);
    expect(sorted(deleted[0]?.before ?? [])).toEqual([
      { id: failed, state: "queued" },
      { id: canceled, state: "queued" },
      { id: later, state: "queued" },
      { id: completed, state: "completed" },
    ]);
  });

  test("steps of one command share its id, a step that changes nothing writes none, and a dry run none", async () => {
    for (let n = 0; n < 5; n += 1) await insertJob(pool, { state: "failed", type: n < 4 ? "a" : "b" });
    await insertJob(pool, { state: "completed" });
    const filter = { type: "a" };

    expect(await recorded(() => queue.retryMany(filter, { batchSize: 2, dryRun: true }))).toEqual([]);
    const steps = await recorded(() => queue.retryMany(filter, { batchSize: 2 }));

    expect(steps.map((step) => step.changed)).toEqual([2, 2]);
  });

  test("of many ids, the row has the first hundred, and their number", async () => {
    const id = await insertJob(pool, { state: "failed" });
    const ids = [id, ...Array.from({ length: 149 }, () => randomUUID())];

    const [entry] = await recorded(() => queue.retryMany({ ids }));

    expect(entry).toMatchObject({ filter: { ids: ids.slice(0, 100), idCount: 150 }, changed: 1 });
  });

  test("prune writes one row for all its steps, with their number alone", async () => {
    for (let n = 0; n < 5; n += 1) await insertJob(pool, { state: "completed" });

    const entries = await recorded(() => queue.prune({ olderThanMs: 0, batchSize: 2 }));

    expect(entries).toEqual([{ action: "prune", filter: { olderThanMs: 0 }, changed: 5, before: [] }]);
    expect(await recorded(() => queue.prune({ keepLast: 0 }))).toEqual([]);
  });
});

test("pause, resume and setQueue write a row with the queue as it was, if they change it", async () => {
  const name = "mail";
  expect(await recorded(() => queue.pause(name))).toEqual([
    { action: "pause", filter: { name }, changed: 1, before: [{ queue: name, pausedAt: null }] },
  ]);
  expect(await recorded(() => queue.pause(name))).toEqual([]);
  const { rows } = await pool.query("SELECT to_json(paused_at) AS at FROM millrace.job_queues");
  const pausedAt = rows[0].at;
  expect(await recorded(() => queue.resume(name))).toEqual([
    { action: "resume", filter: { name }, changed: 1, before: [{ queue: name, pausedAt }] },
  ]);
  expect(await recorded(() => queue.resume(name))).toEqual([]);

  const settings = { timeoutMs: 5 };
  expect(await recorded(() => queue.setQueue(name, settings))).toEqual([
    { action: "setQueue", filter: { name, settings }, changed: 1, before: [{ queue: name, settings: null }] },
  ]);
  expect(await recorded(() => queue.setQueue(name, settings))).toEqual([]);
  expect(await recorded(() => queue.setQueue(name, null))).toEqual([
    { action: "setQueue", filter: { name, settings: null }, changed: 1, before: [{ queue: name, settings }] },
  ]);
});

describe("the row and the change are one transaction", () => {
  test("of the caller, if the command has `tx`: a rollback undoes both", async () => {
    const id = await insertJob(pool, { state: "failed" });
    for (const [statement, state, rows] of [
      ["ROLLBACK", "failed", 0],
      ["COMMIT", "queued", 1],
    ] as const) {
      const transaction = await openTransaction(pool);
      await queue.retry(id, { tx: transaction.client });
      await transaction.end(statement);

      expect((await queue.get(id)).state).toBe(state);
      expect(await queue.audit()).toHaveLength(rows);
    }
  });

  test("of the step: if the row cannot be written, nothing is changed", async () => {
    const id = await insertJob(pool, { state: "failed" });
    await pool.query("ALTER TABLE millrace.audit_log ADD CONSTRAINT none CHECK (who <> 'eve')");
    try {
      const eve = createQueue(pool, { audit: { ...AUDIT, who: "eve" } });

      await expect(eve.retry(id)).rejects.toMatchObject({ code: "23514" });
      await expect(eve.deleteMany({ all: true })).rejects.toMatchObject({ code: "23514" });
      await expect(eve.pause("mail")).rejects.toMatchObject({ code: "23514" });
    } finally {
      await pool.query("ALTER TABLE millrace.audit_log DROP CONSTRAINT none");
    }
    expect((await queue.get(id)).state).toBe("failed");
    expect((await queue.queues()).every((each) => each.pausedAt === null)).toBe(true);
  });

  test("on a Drizzle database, too", async () => {
    const id = await insertJob(pool, { state: "failed" });
    const drizzled = createQueue(drizzle(pool), { audit: AUDIT });

    expect(await recorded(() => drizzled.retryMany({ ids: [id] }))).toMatchObject([
      { changed: 1, before: [{ id, state: "failed" }] },
    ]);
  });
});

test("a retry that is recorded wakes whoever sleeps at its commit", async () => {
  const heard: string[] = [];
  const listener = await pool.connect();
  try {
    listener.on("notification", (message) => heard.push(message.payload ?? ""));
    await listener.query("LISTEN millrace_jobs");
    const id = await insertJob(pool, { state: "failed", queue: "one" });
    const later = await insertJob(pool, { queue: "two", runInSeconds: 60 });
    await insertJob(pool, { state: "failed", queue: "many" });

    // Nobody sleeps yet, and somebody may when the transaction commits.
    await queue.retry(id);
    await queue.runNow(later);
    await queue.retryMany({ queue: "many" });
    await listener.query("SELECT 1");
  } finally {
    listener.removeAllListeners("notification");
    await listener.query("UNLISTEN *");
    listener.release();
  }

  expect(heard).toEqual(["0:one", "0:two", "0:many"]);
});

test("a queue without the option writes nothing", async () => {
  const id = await insertJob(pool, { state: "failed" });
  const plain = createQueue(pool);
  await plain.retry(id);
  await plain.cancelMany({ all: true });
  await plain.pause("mail");

  expect(await queue.audit()).toEqual([]);
});
