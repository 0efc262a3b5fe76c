import { createQueue, type Queue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createScheduler, createSchedules, type SchedulerEvent, type Schedules } from "../src/index.ts";
import { insertScheduleRow, jobsOf, makeDue } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
  schedules = createSchedules(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}; DELETE FROM millrace.job_schedules`);
});

async function tick(): Promise<SchedulerEvent[]> {
  const events: SchedulerEvent[] = [];
  await createScheduler({ pool, queue, onEvent: (event) => events.push(event) }).tickOnce();
  return events;
}

/** A job like the schedule's, without a schedule: one claim takes them together. */
const enqueueOther = async () => (await queue.enqueue("t", {}, { queue: "lane", priority: 7 })).id;

/** Claims all jobs, and makes sure that they share a claim. */
async function claimTogether() {
  const runs = await queue.runs.claim({ queues: ["lane"], workerId: "w", limit: 100, leaseSeconds: 30 });
  expect(new Set(runs.map(({ leaseToken }) => leaseToken)).size).toBe(1);
  expect(await claimSizes()).toEqual([runs.length]);
  return runs;
}

/** How many running jobs each claim has. */
async function claimSizes(): Promise<number[]> {
  const { rows } = await pool.query<{ jobs: number }>(
    "SELECT coalesce(cardinality(open), cardinality(ids)) AS jobs FROM millrace.claims ORDER BY 1",
  );
  return rows.map(({ jobs }) => jobs);
}

/** The job of a schedule, claimed with a job enqueued before it and one enqueued after it. */
async function claimAmongOthers(overlap: "allow" | "skip") {
  const others = [await enqueueOther()];
  const scheduleId = await insertScheduleRow(pool, "s", { overlap });
  await tick();
  others.push(await enqueueOther());
  const runs = await claimTogether();
  const mine = runs.filter(({ id }) => !others.includes(id));
  expect([mine.length, runs.length]).toEqual([1, 3]);
  return { scheduleId, mine, others: runs.filter(({ id }) => others.includes(id)) };
}

describe("a schedule that is deleted while its job is claimed", () => {
  const failure = { error: "x", retryInMs: 0 };
  const ends = {
    completed: (runs) => queue.runs.complete(runs),
    queued: (runs) => queue.runs.release(runs),
    failed: async (runs) =>
      (await queue.runs.fail(runs.map((run) => ({ ...run, ...failure, retryInMs: null })))).refused,
  } satisfies Record<string, (runs: { id: string; leaseToken: number }[]) => Promise<unknown>>;

  test.each(["completed", "queued", "failed"] as const)("does not keep it from being %s", async (state) => {
    const { scheduleId, mine, others } = await claimAmongOthers("allow");
    await schedules.delete(scheduleId);

    const leases = mine.map(({ id, leaseToken }) => ({ id, leaseToken }));
    expect(await ends[state](leases)).toEqual([]);

    expect(await queue.get(mine[0]?.id ?? "")).toMatchObject({ state, scheduleId: null });
    expect(await queue.runs.complete(others)).toEqual([]);
    expect(await claimSizes()).toEqual([]);
  });

  test("makes no completion wait for the transaction that deletes it, nor that for the completion", async () => {
    const { scheduleId, mine, others } = await claimAmongOthers("allow");
    const [deleter, completer] = [await pool.connect(), await pool.connect()];
    try {
      await deleter.query("BEGIN");
      await createSchedules(deleter).delete(scheduleId);
      await completer.query("BEGIN");
      expect(await queue.runs.complete(mine, { tx: completer })).toEqual([]);
      await deleter.query("COMMIT");
      await completer.query("COMMIT");
    } finally {
      await Promise.all([deleter.query("ROLLBACK"), completer.query("ROLLBACK")]);
      deleter.release();
      completer.release();
    }

    expect(await queue.get(mine[0]?.id ?? "")).toMatchObject({ state: "completed", scheduleId: null });
    expect(await queue.runs.complete(others)).toEqual([]);
  });

  test("does not keep a job from running again, and the next claim too knows no schedule", async () => {
    const { scheduleId, mine } = await claimAmongOthers("allow");
    await schedules.delete(scheduleId);
    await queue.runs.fail(mine.map((run) => ({ ...run, ...failure })));

    const again = await queue.runs.claim({ queues: ["lane"], workerId: "w", limit: 100, leaseSeconds: 30 });
    expect(again.map(({ id }) => id)).toEqual(mine.map(({ id }) => id));
    expect(await queue.get(mine[0]?.id ?? "")).toMatchObject({ state: "running", scheduleId: null });

    expect(await queue.runs.complete(again)).toEqual([]);
  });
});

describe("the overlap policy skip", () => {
  test("sees a job that is one of many in a claim, until the job ends: its claim may stay open", async () => {
    const { scheduleId, mine, others } = await claimAmongOthers("skip");

    await makeDue(pool, scheduleId, "now()");
    expect(await tick()).toMatchObject([{ kind: "overlap-skipped", scheduleId }]);
    expect(await jobsOf(pool, scheduleId)).toHaveLength(1);

    expect(await queue.runs.complete(mine)).toEqual([]);
    expect(await claimSizes()).toEqual([2]);
    await makeDue(pool, scheduleId, "now()");
    expect(await tick()).toMatchObject([{ kind: "tick", scheduleId }]);
    expect(await jobsOf(pool, scheduleId)).toHaveLength(2);

    expect(await queue.runs.complete(others)).toEqual([]);
  });

  test("sees the job while only the other jobs of its claim have ended", async () => {
    const { scheduleId, mine, others } = await claimAmongOthers("skip");
    expect(await queue.runs.complete(others)).toEqual([]);

    await makeDue(pool, scheduleId, "now()");
    expect(await tick()).toMatchObject([{ kind: "overlap-skipped", scheduleId }]);

    expect(await queue.runs.complete(mine)).toEqual([]);
    expect(await claimSizes()).toEqual([]);
    await makeDue(pool, scheduleId, "now()");
    expect(await tick()).toMatchObject([{ kind: "tick", scheduleId }]);
  });

  test("tells the schedules of one claim apart", async () => {
    const [ended, active] = [
      await insertScheduleRow(pool, "ended", { overlap: "skip" }),
      await insertScheduleRow(pool, "active", { overlap: "skip" }),
    ];
    await tick();
    const runs = await claimTogether();
    const [job] = await jobsOf(pool, ended);
    expect(await queue.runs.complete(runs.filter(({ id }) => id === job?.["id"]))).toEqual([]);
    for (const id of [ended, active]) await makeDue(pool, id, "now()");

    const events = await tick();

    expect(events).toHaveLength(2);
    expect(events).toContainEqual(expect.objectContaining({ kind: "tick", scheduleId: ended }));
    expect(events).toContainEqual(expect.objectContaining({ kind: "overlap-skipped", scheduleId: active }));
  });
});
