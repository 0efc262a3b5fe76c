import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createScheduler, createSchedules, type Schedules, TICKS_KEPT } from "../src/index.ts";
import { insertScheduleRow, jobsOf, makeDue, scheduleRow } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool({ max: 10 });
  queue = createQueue(pool);
  schedules = createSchedules(pool);
});

beforeEach(async () => {
  await pool.query("DELETE FROM millrace.job_schedules");
});

const tickOnce = () => createScheduler({ pool, queue }).tickOnce();

const ticksIn = async (id: string) => {
  const { rows } = await pool.query(
    `SELECT outcome, count(*)::int AS ticks FROM millrace.job_schedule_ticks
     WHERE schedule_id = $1 GROUP BY 1 ORDER BY 1`,
    [id],
  );
  return Object.fromEntries(rows.map((row) => [row.outcome, row.ticks]));
};

describe("a tick is accounted for", () => {
  test("as enqueued, with its job, at its own instant", async () => {
    const id = await insertScheduleRow(pool, "enqueued", { cron: "0 0 1 1 *" });
    const { next_run_at: tickAt } = await scheduleRow(pool, id);

    await tickOnce();

    const [job] = await jobsOf(pool, id);
    expect(await schedules.ticks("enqueued")).toEqual([
      { tickAt, outcome: "enqueued", jobId: job?.["id"], recordedAt: expect.any(Date) },
    ]);
  });

  test("as a duplicate, with the job that was there, when it is found again", async () => {
    const id = await insertScheduleRow(pool, "duplicate", { cron: "0 0 1 1 *" });
    const { next_run_at: tickAt } = await scheduleRow(pool, id);
    await tickOnce();
    await pool.query("UPDATE millrace.job_schedules SET next_run_at = $2 WHERE id = $1", [id, tickAt]);

    await tickOnce();

    const [job] = await jobsOf(pool, id);
    expect(await schedules.ticks(id)).toMatchObject([{ tickAt, outcome: "duplicate", jobId: job?.["id"] }]);
  });

  test("as skipped by the misfire policy", async () => {
    const id = await insertScheduleRow(pool, "latest", {
      cron: "0 0 1 1 *",
      nextRunAt: "'2015-01-01T00:00:00Z'",
    });

    await tickOnce();

    const ticks = await schedules.ticks(id);
    expect(ticks[0]).toMatchObject({ outcome: "enqueued", jobId: expect.any(String) });
    expect(ticks.slice(1).every((tick) => tick.outcome === "misfire-skipped" && tick.jobId === null)).toBe(
      true,
    );
    expect(ticks.at(-1)?.tickAt).toEqual(new Date("2015-01-01T00:00:00Z"));
    expect(ticks).toHaveLength(Number(ticks[0]?.tickAt.getUTCFullYear()) - 2014);
  });

  test("as skipped by the overlap policy, while a job of it is unfinished", async () => {
    const id = await insertScheduleRow(pool, "overlap", { cron: "0 0 1 1 *", overlap: "skip" });
    await tickOnce();
    await makeDue(pool, id, "now()");

    await tickOnce();

    expect((await schedules.ticks(id)).map((tick) => tick.outcome)).toEqual(["overlap-skipped", "enqueued"]);
  });

  test("only if it is committed with its job", async () => {
    const id = await insertScheduleRow(pool, "rolled-back");
    const failing = createScheduler({
      pool,
      queue: {
        async enqueueMany(jobs, options) {
          await queue.enqueueMany(jobs, options);
          throw new Error("after the insert");
        },
      },
    });

    await failing.tickOnce();

    expect(await schedules.ticks(id)).toEqual([]);
  });
});

describe("of many ticks", () => {
  test(`the last ${TICKS_KEPT} stay, of this schedule and of no other`, async () => {
    const id = await insertScheduleRow(pool, "full", { cron: "0 0 1 1 *", nextRunAt: "now()" });
    const bystander = await insertScheduleRow(pool, "bystander", { nextRunAt: "now() + interval '1 hour'" });
    await pool.query(
      `INSERT INTO millrace.job_schedule_ticks (schedule_id, tick_at, outcome)
       SELECT id, timestamptz '2000-01-01' + n * interval '1 minute', 'enqueued'
       FROM unnest($1::uuid[]) AS id, generate_series(1, 150) AS n`,
      [[id, bystander]],
    );

    await tickOnce();

    const { rows } = await pool.query(
      `SELECT schedule_id AS id, count(*)::int AS ticks, min(tick_at) AS first
       FROM millrace.job_schedule_ticks GROUP BY 1`,
    );
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual({ id, ticks: TICKS_KEPT, first: new Date("2000-01-01T00:52:00Z") });
    expect(rows).toContainEqual({ id: bystander, ticks: 150, first: new Date("2000-01-01T00:01:00Z") });
  });

  test("missed while no scheduler ran, a month of seconds, the most recent are recorded, in one batch", async () => {
    const id = await insertScheduleRow(pool, "month", {
      cron: "* * * * * *",
      nextRunAt: "date_trunc('second', now()) - interval '30 days'",
    });
    const all = await insertScheduleRow(pool, "month-all", {
      cron: "* * * * * *",
      misfire: "all",
      nextRunAt: "date_trunc('second', now()) - interval '30 days'",
    });

    await createScheduler({ pool, queue }).tickOnce();

    // A second may begin while the round looks again, and is one more tick.
    expect((await ticksIn(id))["misfire-skipped"]).toBeGreaterThanOrEqual(TICKS_KEPT - 2);
    expect(await ticksIn(all)).toEqual({ enqueued: TICKS_KEPT });
    expect((await jobsOf(pool, all)).length).toBeGreaterThanOrEqual(TICKS_KEPT);
    expect(await schedules.ticks(all, { limit: 3 })).toHaveLength(3);
  });

  test("none is left of a schedule that is deleted", async () => {
    const id = await insertScheduleRow(pool, "gone");
    await tickOnce();

    await schedules.delete("gone");

    expect(await ticksIn(id)).toEqual({});
    await expect(schedules.ticks("gone")).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND" });
  });

  test.each([0, 101, 1.5])("a limit of %d is refused", async (limit) => {
    await insertScheduleRow(pool, "limit");

    await expect(schedules.ticks("limit", { limit })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});
