import { createQueue, defineTask, type Queue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  createScheduler,
  createSchedules,
  defineSchedule,
  reconcileSchedules,
  type SchedulerEvent,
  type Schedules,
} from "../src/index.ts";
import { jobsOf, makeDue, scheduleRow } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool({ max: 20 });
  queue = createQueue(pool);
  schedules = createSchedules(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}; DELETE FROM millrace.job_schedules`);
});

async function tickOnce(): Promise<SchedulerEvent[]> {
  const events: SchedulerEvent[] = [];
  await createScheduler({ pool, queue, onEvent: (event) => events.push(event) }).tickOnce();
  return events;
}

const yearly = { jobType: "t", cron: "0 0 1 1 *" };
const task = defineTask({
  name: "t",
  payload: { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } },
  run: () => undefined,
});

describe("a schedule with maxRuns", () => {
  test("ends with the tick that makes its last job, and says so", async () => {
    const { id } = await schedules.create({ ...yearly, name: "twice", maxRuns: 2 });
    await makeDue(pool, id);
    await tickOnce();
    const between = await schedules.get(id);
    await makeDue(pool, id, "now()");

    const events = await tickOnce();
    const after = await tickOnce();

    expect(between).toMatchObject({ runs: 1, maxRuns: 2, status: "no-handler" });
    expect(between.nextRunAt).toBeInstanceOf(Date);
    expect(events.map((event) => event.kind)).toEqual(["schedule-ended", "tick"]);
    expect(after).toEqual([]);
    expect(await schedules.get(id)).toMatchObject({
      runs: 2,
      nextRunAt: null,
      enabled: true,
      status: "ended",
    });
    expect(await jobsOf(pool, id)).toHaveLength(2);
  });

  test.each([
    ["all", 3, 3],
    ["latest", 1, 9],
  ] as const)(
    "makes no more jobs of missed ticks than are left, by the policy %s",
    async (misfire, jobs, ticks) => {
      const { id } = await schedules.create({ ...yearly, name: "missed", misfire, maxRuns: jobs });
      await makeDue(pool, id, "date_trunc('year', now(), 'UTC') - interval '8 years'");

      await tickOnce();

      expect(await jobsOf(pool, id)).toHaveLength(jobs);
      expect(await schedules.ticks(id)).toHaveLength(ticks);
      expect(await schedules.get(id)).toMatchObject({ runs: jobs, status: "ended", nextRunAt: null });
    },
  );

  test("does not count ticks that a policy skips, nor jobs of run now", async () => {
    const { id } = await schedules.create({ ...yearly, name: "skipped", overlap: "skip", maxRuns: 1 });
    await schedules.runNow(id);
    await makeDue(pool, id);

    await tickOnce();

    expect(await schedules.get(id)).toMatchObject({ runs: 0, status: "no-handler" });
    expect((await scheduleRow(pool, id))["ahead"]).toBe(true);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("can still be run by hand after its end, which changes nothing about the end", async () => {
    const { id } = await schedules.create({ ...yearly, name: "over", maxRuns: 1 });
    await makeDue(pool, id);
    await tickOnce();

    await schedules.runNow(id);

    expect(await jobsOf(pool, id)).toHaveLength(2);
    expect(await schedules.get(id)).toMatchObject({ runs: 1, status: "ended" });
  });

  test.each([
    ["a greater number", 2],
    ["no number", null],
  ])("goes on after %s, from now", async (_what, maxRuns) => {
    const { id } = await schedules.create({ ...yearly, name: "more", maxRuns: 1 });
    await makeDue(pool, id);
    await tickOnce();

    const updated = await schedules.update(id, { maxRuns });

    expect(updated).toMatchObject({ maxRuns, runs: 1, status: "no-handler" });
    expect((await scheduleRow(pool, id))["ahead"]).toBe(true);
  });

  test("refuses to be enabled after its end, and to get an end that has passed", async () => {
    const { id } = await schedules.create({ ...yearly, name: "done", maxRuns: 2 });
    await makeDue(pool, id);
    await tickOnce();
    const ended = {
      code: "INVALID_SCHEDULE",
      field: "maxRuns",
      reason: expect.stringContaining("ended after 1 runs"),
      example: expect.stringContaining("2"),
    };

    await expect(schedules.update(id, { maxRuns: 1 })).rejects.toMatchObject(ended);
    await pool.query("UPDATE millrace.job_schedules SET max_runs = 1, enabled = false WHERE id = $1", [id]);
    await expect(schedules.enable(id)).rejects.toMatchObject(ended);
  });

  test("that was ended by SQL while a tick was due makes no job, and is told of as ended", async () => {
    const { id } = await schedules.create({ ...yearly, name: "by hand" });
    await makeDue(pool, id);
    await pool.query("UPDATE millrace.job_schedules SET max_runs = 3, runs = 3 WHERE id = $1", [id]);

    const events = await tickOnce();

    expect(events).toMatchObject([{ kind: "schedule-ended", scheduleId: id, lastTickAt: null }]);
    expect(await jobsOf(pool, id)).toEqual([]);
  });
});

describe("three schedulers", () => {
  test("make exactly as many jobs as each schedule may have, while ticks come due all the time", async () => {
    await pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, every_ms, anchor, misfire, max_runs, next_run_at)
       SELECT 'exact-' || n, 'exact', 1000, date_trunc('second', now()) - interval '1 hour', 'all', 1 + n % 5,
              date_trunc('second', now()) - interval '2 seconds'
       FROM generate_series(1, 60) AS n`,
    );
    const three = [1, 2, 3].map(() => createScheduler({ pool, queue, tickMs: 100 }));
    for (const scheduler of three) scheduler.start();
    onTestFinished(async () => void (await Promise.all(three.map((scheduler) => scheduler.stop()))));

    await waitFor(
      async () => {
        const open = "SELECT FROM millrace.job_schedules WHERE next_run_at < 'infinity'";
        return (await pool.query(open)).rowCount === 0;
      },
      { description: "every schedule to have ended" },
    );
    await createScheduler({ pool, queue }).tickOnce();

    const { rows } = await pool.query(
      `SELECT s.max_runs, count(*)::int AS schedules, min(s.runs) AS least, max(s.runs) AS most,
              (sum(j.jobs) / count(*))::float8 AS jobs
       FROM millrace.job_schedules AS s, LATERAL (
         SELECT count(DISTINCT j.tick_at) AS jobs FROM millrace.jobs AS j WHERE j.schedule_id = s.id
       ) AS j
       GROUP BY s.max_runs ORDER BY s.max_runs`,
    );
    expect(rows).toEqual(
      [1, 2, 3, 4, 5].map((n) => ({ max_runs: n, schedules: 12, least: n, most: n, jobs: n })),
    );
    const { rowCount } = await pool.query("SELECT FROM millrace.jobs WHERE type = 'exact'");
    expect(rowCount).toBe(12 * (1 + 2 + 3 + 4 + 5));
  });

  test("that hold the last run at once make one job", async () => {
    const { id } = await schedules.create({ ...yearly, name: "last", maxRuns: 1 });
    await makeDue(pool, id);

    await Promise.all([1, 2, 3].map(() => tickOnce()));

    expect(await jobsOf(pool, id)).toHaveLength(1);
    expect(await scheduleRow(pool, id)).toMatchObject({ runs: 1 });
  });
});

describe("a declared end", () => {
  const declare = (maxRuns: number | null) =>
    defineSchedule({ name: "declared", cron: "0 0 1 1 *", task, payload: {}, maxRuns });

  test("is code's: a smaller one ends the schedule, a greater one lets it go on", async () => {
    await reconcileSchedules(pool, [declare(null)]);
    const { id } = await schedules.get("declared");
    await makeDue(pool, id);
    await tickOnce();

    const ended = await reconcileSchedules(pool, [declare(1)]);
    const afterEnd = await schedules.get("declared");
    await reconcileSchedules(pool, [declare(5)]);

    expect(ended.updated).toEqual([{ name: "declared", fields: ["maxRuns"] }]);
    expect(afterEnd).toMatchObject({ maxRuns: 1, runs: 1, nextRunAt: null, status: "ended" });
    expect(await schedules.get("declared")).toMatchObject({ maxRuns: 5, runs: 1, status: "no-handler" });
    expect((await scheduleRow(pool, id))["ahead"]).toBe(true);
  });
});
