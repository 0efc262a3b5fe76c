import type { JobState } from "@millrace/schema/values";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts, millrace.workers`);
});

async function jobs(count: number, setup: Parameters<typeof insertJob>[1] = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await insertJob(pool, setup));
  return ids;
}

async function inState(state: JobState): Promise<string[]> {
  return (await queue.list({ state, limit: 1_000 })).map((job) => job.id).sort();
}

const COMMANDS = {
  retryMany: { from: "failed", to: "queued" },
  runNowMany: { from: "queued", to: "queued" },
  cancelMany: { from: "queued", to: "canceled" },
  deleteMany: { from: "failed", to: null },
} as const;

type Command = keyof typeof COMMANDS;

const EACH = Object.keys(COMMANDS) as Command[];

/** The jobs that a command has changed. */
async function changedBy(command: Command, ids: readonly string[]): Promise<string[]> {
  const now = new Map((await queue.list({ ids, limit: 1_000 })).map((job) => [job.id, job]));
  const { from, to } = COMMANDS[command];
  return ids.filter((id) => {
    const job = now.get(id);
    if (to === null) return job === undefined;
    return from === to ? (job?.runAt ?? new Date()) <= new Date() : job?.state === to;
  });
}

describe("a limit", () => {
  test.each(EACH)(
    "of %s changes the first jobs by id, and its `after` goes on with the next",
    async (command) => {
      const { from } = COMMANDS[command];
      const ids = await jobs(7, { state: from, runInSeconds: 3_600 });
      await jobs(2, { state: "running" });
      const filter = { state: from };

      const first = await queue[command](filter, { limit: 3, batchSize: 2 });
      expect(first).toMatchObject({ changed: 3, skipped: 0, done: false, after: ids[2] });
      expect(await changedBy(command, ids)).toEqual(ids.slice(0, 3));

      const second = await queue[command](filter, { limit: 3, batchSize: 1_000, after: first.after ?? "" });
      expect(second).toMatchObject({ changed: 3, done: false, after: ids[5] });
      expect(await changedBy(command, ids)).toEqual(ids.slice(0, 6));

      const last = await queue[command](filter, { limit: 3, after: second.after ?? "" });
      expect(last).toMatchObject({ changed: 1, done: true });
      expect(await changedBy(command, ids)).toEqual(ids);
    },
  );

  test.each(EACH)("of %s holds for named jobs too, among which are some that do not fit", async (command) => {
    const { from } = COMMANDS[command];
    const ids: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      ids.push(await insertJob(pool, { state: from, runInSeconds: 3_600 }));
      await insertJob(pool, { state: "running", queue: "other" });
    }
    const named = { ids: [...ids, ...(await inState("running"))] };

    const first = await queue[command]({ ...named, queue: "default" }, { limit: 4 });
    const rest = await queue[command]({ ...named, queue: "default" }, { limit: 4, after: first.after ?? "" });

    expect(first).toMatchObject({ changed: 4, done: false, after: ids[3] });
    expect(rest).toMatchObject({ changed: 2, done: true });
    expect(await changedBy(command, ids)).toEqual(ids);
  });

  test("of cancelMany counts the cancels that it requests", async () => {
    const [first] = await jobs(1, { state: "running" });
    const [second] = await jobs(1);
    const [third] = await jobs(1, { state: "running" });

    expect(await queue.cancelMany({ all: true }, { limit: 2 })).toEqual({
      changed: 1,
      cancelRequested: 1,
      skipped: 0,
      done: false,
      after: second,
      commandId: null,
    });
    expect((await queue.get(first ?? "")).cancelRequestedAt).not.toBeNull();
    expect((await queue.get(third ?? "")).cancelRequestedAt).toBeNull();
  });

  test("passes over jobs that somebody else has locked, and counts them as skipped", async () => {
    const ids = await jobs(4, { state: "failed" });
    const holder = await pool.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM millrace.ended_jobs WHERE id = $1 FOR UPDATE", [ids[1]]);

      expect(await queue.retryMany({ all: true }, { limit: 3 })).toMatchObject({
        changed: 3,
        skipped: 1,
        done: false,
        after: ids[3],
      });
    } finally {
      await holder.query("ROLLBACK");
      holder.release();
    }
    expect(await inState("failed")).toEqual([ids[1]]);
  });

  test("looks at all named jobs, although the first ones are locked", async () => {
    const ids = await jobs(6, { state: "failed" });
    const holder = await pool.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM millrace.ended_jobs WHERE id = ANY($1) FOR UPDATE", [ids.slice(0, 2)]);

      expect(await queue.retryMany({ ids }, { limit: 2 })).toMatchObject({
        changed: 2,
        skipped: 2,
        done: false,
        after: ids[3],
      });
      const rest = await queue.retryMany({ ids }, { limit: 5, after: ids[3] ?? "" });
      expect(rest).toMatchObject({ changed: 2, skipped: 0, done: true });
    } finally {
      await holder.query("ROLLBACK");
      holder.release();
    }
    expect(await inState("failed")).toEqual(ids.slice(0, 2));
  });
});

describe("a dry run", () => {
  test.each(EACH)("of %s counts what it would change, and changes nothing", async (command) => {
    const { from } = COMMANDS[command];
    const ids = await jobs(5, { state: from, runInSeconds: 3_600 });
    const before = await pool.query("SELECT * FROM millrace.jobs ORDER BY id");
    const filter = { state: from };

    expect(await queue[command](filter, { dryRun: true, batchSize: 2 })).toMatchObject({
      changed: 5,
      skipped: 0,
      done: true,
    });
    expect(await queue[command](filter, { dryRun: true, limit: 2 })).toMatchObject({
      changed: 2,
      done: false,
      after: ids[1],
    });

    const after = await pool.query("SELECT * FROM millrace.jobs ORDER BY id");
    expect(after.rows).toEqual(before.rows);
    expect(await queue[command](filter, { dryRun: false })).toMatchObject({ changed: 5, done: true });
  });

  test("of cancelMany counts running jobs by themselves", async () => {
    await jobs(2);
    const running = await jobs(3, { state: "running" });

    expect(await queue.cancelMany({ all: true }, { dryRun: true })).toMatchObject({
      changed: 2,
      cancelRequested: 3,
    });
    expect((await queue.get(running[0] ?? "")).cancelRequestedAt).toBeNull();
  });

  test("of deleteMany leaves out a job whose key is taken for a period, as the command does", async () => {
    await queue.enqueue("t", {}, { throttle: { key: "k", periodMs: 3_600_000 } });

    expect(await queue.deleteMany({ all: true }, { dryRun: true })).toMatchObject({ changed: 0 });
    expect(await queue.deleteMany({ all: true })).toMatchObject({ changed: 0 });
  });
});

describe("retryMany", () => {
  test("retries completed jobs only if the filter names that state", async () => {
    const completed = await jobs(2, { state: "completed" });
    const failed = await jobs(1, { state: "failed" });

    expect(await queue.retryMany({ ids: [...completed, ...failed] })).toMatchObject({ changed: 1 });
    expect(await inState("completed")).toEqual(completed);
    expect(await queue.retryMany({ state: "completed" }, { limit: 1 })).toMatchObject({ changed: 1 });
    expect(await inState("completed")).toEqual(completed.slice(1));
  });
});

describe("runNowMany", () => {
  test("makes delayed jobs and jobs in backoff due, and leaves due ones as they are", async () => {
    const [due] = await jobs(1, { runInSeconds: -60 });
    const later = await jobs(2, { runInSeconds: 3_600, attempts: 2 });
    const before = await queue.get(due ?? "");

    expect(await queue.runNowMany({ all: true })).toMatchObject({ changed: 2, skipped: 0, done: true });

    expect(await queue.get(due ?? "")).toEqual(before);
    const claimed = await queue.runs.claim({
      queues: ["default"],
      workerId: "w",
      limit: 9,
      leaseSeconds: 30,
    });
    expect(claimed.map((job) => job.id).sort()).toEqual([due, ...later].sort());
    expect(claimed.find((job) => job.id === later[0])?.attempt).toBe(3);
  });
});
