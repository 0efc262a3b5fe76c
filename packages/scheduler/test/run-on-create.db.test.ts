import { createQueue, createWorker, defineTask, type JobDetails, type Queue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  createScheduler,
  createSchedules,
  type DefineScheduleOptions,
  defineSchedule,
  reconcileSchedules,
  type Schedules,
} from "../src/index.ts";
import { jobsOf, scheduleRow } from "./insert-schedule-row.ts";

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

const tickOnce = () => createScheduler({ pool, queue }).tickOnce();
const details: (JobDetails & { jobId: string })[] = [];
const task = defineTask({
  name: "t",
  queue: "run-on-create",
  payload: { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } },
  run: (_payload, context) => void details.push({ ...context.details, jobId: context.job.id }),
});
const declare = (options: Partial<DefineScheduleOptions<unknown>> = {}) =>
  defineSchedule({ name: "declared", cron: "0 0 1 1 *", task, payload: {}, runOnCreate: true, ...options });

const yearly = { jobType: "t", cron: "0 0 1 1 *" };
const first = { ...yearly, name: "first", runOnCreate: true };

describe("runOnCreate", () => {
  test.each([
    ["an expression", yearly],
    ["an interval", { jobType: "t", everyMs: 7_200_000 }],
  ])("makes the creation of %s its first tick, once", async (_what, cadence) => {
    const created = await schedules.create({ ...cadence, name: "first", runOnCreate: true });
    const regular = await schedules.create({ ...cadence, name: "other" });

    await tickOnce();
    await tickOnce();

    const { id, createdAt } = created;
    expect(created.nextRunAt).toEqual(createdAt);
    expect(await jobsOf(pool, id)).toMatchObject([{ state: "queued", tick_at: createdAt }]);
    expect(await schedules.ticks(id)).toMatchObject([{ tickAt: createdAt, outcome: "enqueued" }]);
    expect(await scheduleRow(pool, id)).toMatchObject({ ahead: true, last_run_at: createdAt, runs: 1 });
    expect(await jobsOf(pool, regular.id)).toEqual([]);
  });

  test("is heard of at once by a scheduler that listens", async () => {
    const scheduler = createScheduler({ pool, queue, listenOn: pool });
    scheduler.start();
    onTestFinished(() => scheduler.stop());
    await waitFor(
      async () => {
        const listening =
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^LISTEN'";
        return (await pool.query(listening)).rowCount === 1;
      },
      { description: "the scheduler to listen" },
    );

    const { id } = await schedules.create(first);

    // Far sooner than the round of every 15 s.
    await waitFor(async () => (await jobsOf(pool, id)).length === 1, {
      description: "the job",
      timeoutMs: 10_000,
    });
  });

  test("runs without the delay that jitter gives to other ticks, and counts for maxRuns", async () => {
    const { id } = await schedules.create({ ...first, jitterMs: 86_400_000, maxRuns: 1 });

    await tickOnce();

    const [job] = await jobsOf(pool, id);
    expect(job?.["run_at"]).toEqual(job?.["created_at"]);
    expect(await schedules.get(id)).toMatchObject({ runs: 1, status: "ended" });
  });

  test("is made however late a scheduler comes, also by the policy skip", async () => {
    const { id } = await schedules.create({ ...first, misfire: "skip" });
    await pool.query(
      `UPDATE millrace.job_schedules SET created_at = created_at - interval '1 hour',
              next_run_at = next_run_at - interval '1 hour' WHERE id = $1`,
      [id],
    );

    await tickOnce();

    expect(await jobsOf(pool, id)).toHaveLength(1);
    expect((await scheduleRow(pool, id))["ahead"]).toBe(true);
  });

  test("survives a change of the schedule that comes before the scheduler", async () => {
    const { id, createdAt } = await schedules.create(first);

    await schedules.update(id, { cron: "0 6 1 1 *" });
    await schedules.update(id, { endsAt: new Date(Date.now() + 86_400_000 * 400) });
    await tickOnce();

    expect(await jobsOf(pool, id)).toMatchObject([{ tick_at: createdAt }]);
    expect((await scheduleRow(pool, id))["ahead"]).toBe(true);
  });

  test("of a schedule that is created disabled makes no job, also not when it is enabled", async () => {
    const { id, nextRunAt } = await schedules.create({ ...first, enabled: false });
    await schedules.enable(id);

    await tickOnce();

    expect(nextRunAt).toBeNull();
    expect(await jobsOf(pool, id)).toEqual([]);
  });

  test("with a start to come is refused: no tick comes before the start", async () => {
    const startsAt = new Date(Date.now() + 86_400_000);

    await expect(schedules.create({ ...first, startsAt })).rejects.toMatchObject({
      code: "INVALID_SCHEDULE",
      field: "runOnCreate",
    });
    await expect(reconcileSchedules(pool, [declare({ startsAt })])).rejects.toMatchObject({
      field: "runOnCreate",
    });
    await schedules.create({ ...first, startsAt: new Date(0) });
    expect((await schedules.list()).map(({ name }) => name)).toEqual(["first"]);
  });

  test("by ensure is for the first of many processes", async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => schedules.ensure(first)));
    await Promise.all([tickOnce(), tickOnce(), tickOnce()]);
    await schedules.ensure(first);
    await tickOnce();

    const { id } = await schedules.get("first");
    expect(outcomes.sort()).toEqual(["created", "exists", "exists", "exists"]);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });
});

describe("a declared schedule", () => {
  test("runs once at its creation, however many processes reconcile, and how often", async () => {
    await Promise.all(
      [1, 2, 3, 4].map(async () => {
        await reconcileSchedules(pool, [declare()]);
        await tickOnce();
        await reconcileSchedules(pool, [declare({ payload: { changed: true } })]);
        await tickOnce();
      }),
    );

    const { id } = await schedules.get("declared");
    expect(await jobsOf(pool, id)).toHaveLength(1);
    expect(await scheduleRow(pool, id)).toMatchObject({ ahead: true, runs: 1 });
  });

  test("that exists does not run for a declaration that is new", async () => {
    await reconcileSchedules(pool, [declare({ runOnCreate: false })]);

    const report = await reconcileSchedules(pool, [declare()]);
    await tickOnce();

    const { id } = await schedules.get("declared");
    expect(report).toMatchObject({ unchanged: ["declared"], drift: [] });
    expect(await jobsOf(pool, id)).toEqual([]);
  });

  test("that is changed before the scheduler comes still runs", async () => {
    await reconcileSchedules(pool, [declare()]);
    await reconcileSchedules(pool, [declare({ cron: null, everyMs: 7_200_000 })]);

    await tickOnce();

    const { id, createdAt, nextRunAt } = await schedules.get("declared");
    expect(await jobsOf(pool, id)).toMatchObject([{ tick_at: createdAt }]);
    expect(nextRunAt).toEqual(new Date(createdAt.getTime() + 7_200_000));
  });

  test("reports the steps that are not what they seem, each time", async () => {
    const uneven = declare({ cron: "0 */7 * * *" });

    const reports = [await reconcileSchedules(pool, [uneven]), await reconcileSchedules(pool, [uneven])];

    const warnings = [expect.stringContaining("after 21:00 the next tick is 00:00, 3 h later")];
    expect(uneven.warnings).toEqual(warnings);
    expect(reports.map((report) => report.warnings)).toEqual([
      [{ name: "declared", warnings }],
      [{ name: "declared", warnings }],
    ]);
    expect(() => declare({ cron: "*/90 * * * *" })).toThrow(
      expect.objectContaining({ code: "INVALID_CRON" }),
    );
  });
});

describe("a handler", () => {
  test("is told its schedule and its tick; a job of run now has no tick", async () => {
    const { id, createdAt } = await schedules.create({ ...first, queue: "run-on-create" });
    await tickOnce();
    const byHand = await schedules.runNow(id);
    const worker = createWorker({ db: pool, tasks: [task], queues: ["run-on-create"], pollMs: 100 });
    worker.start();
    onTestFinished(() => worker.stop());

    await waitFor(() => details.length === 2, { description: "both jobs to have run" });

    const [ticked] = (await jobsOf(pool, id)).filter((job) => job["id"] !== byHand);
    expect(details.find(({ jobId }) => jobId === ticked?.["id"])).toMatchObject({
      scheduleId: id,
      tickAt: createdAt,
    });
    expect(details.find(({ jobId }) => jobId === byHand)).toMatchObject({ scheduleId: id, tickAt: null });
  });
});
