import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createScheduler,
  createSchedules,
  type SchedulerEvent,
  type Schedules,
  tickDelayMs,
  tickKey,
} from "../src/index.ts";
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

async function tickOnce(): Promise<SchedulerEvent[]> {
  const events: SchedulerEvent[] = [];
  await createScheduler({ pool, queue, onEvent: (event) => events.push(event) }).tickOnce();
  return events;
}

const inHours = (hours: number, from = Date.now()) => new Date(from + hours * 3_600_000);

describe("jitter", () => {
  test("delays the job by the tick's own delay; the tick, its key and the cadence stay", async () => {
    const jitterMs = 86_400_000;
    const id = await insertScheduleRow(pool, "jittered", { cron: "0 0 1 1 *" });
    await schedules.update(id, { jitterMs });
    const { next_run_at: due } = await scheduleRow(pool, id);
    const tickAt = due as Date;

    await tickOnce();

    const [job] = await jobsOf(pool, id);
    const delayMs = tickDelayMs(id, tickAt, jitterMs);
    // The chance of a delay that is over already is a thousandth, and then the job is due now.
    expect(Number(job?.["run_at"])).toBe(Math.max(Number(job?.["created_at"]), tickAt.getTime() + delayMs));
    expect(job?.["idempotency_key"]).toBe(tickKey(id, tickAt));
    expect(await schedules.ticks(id)).toMatchObject([{ tickAt, outcome: "enqueued" }]);
    expect(await schedules.get(id)).toMatchObject({ jitterMs, lastRunAt: tickAt });
  });

  test("of a tick found late never puts its job into the past", async () => {
    const id = await insertScheduleRow(pool, "late", {
      cron: "0 0 1 1 *",
      nextRunAt: "now() - interval '2 days'",
    });
    await schedules.update(id, { jitterMs: 60_000 });

    await tickOnce();

    const [job] = await jobsOf(pool, id);
    expect(job?.["run_at"]).toEqual(job?.["created_at"]);
  });

  test("is part of no cadence: changing it leaves the tick to come", async () => {
    const { nextRunAt } = await schedules.create({ name: "kept", jobType: "t", cron: "@daily" });

    expect(await schedules.update("kept", { jitterMs: 5_000 })).toMatchObject({ nextRunAt, jitterMs: 5_000 });
  });
});

describe("a window", () => {
  test("that is to open has its first tick within it", async () => {
    const startsAt = inHours(100);

    const created = await schedules.create({ name: "later", jobType: "t", cron: "0 * * * *", startsAt });

    expect(created.startsAt).toEqual(startsAt);
    expect(Number(created.nextRunAt) - startsAt.getTime()).toBeGreaterThanOrEqual(0);
    expect(Number(created.nextRunAt) - startsAt.getTime()).toBeLessThan(3_600_000);
  });

  test("ends its schedule after its last tick, which is told and can be read", async () => {
    const id = await insertScheduleRow(pool, "ending");
    await pool.query("UPDATE millrace.job_schedules SET ends_at = now() + interval '1 ms' WHERE id = $1", [
      id,
    ]);

    const events = await tickOnce();
    const again = await tickOnce();

    expect(events.map((event) => event.kind)).toEqual(["schedule-ended", "tick"]);
    expect(again).toEqual([]);
    expect(await schedules.get(id)).toMatchObject({ enabled: true, nextRunAt: null, status: "no-future" });
  });

  test("that gets a new end opens again, and loses no tick that was due meanwhile", async () => {
    const { id } = await schedules.create({
      name: "longer",
      jobType: "t",
      cron: "0 0 1 1 *",
      endsAt: inHours(24 * 400),
    });
    await makeDue(pool, id, "date_trunc('year', now(), 'UTC')");

    await schedules.update(id, { endsAt: null });
    const { next_run_at: due } = await scheduleRow(pool, id);
    await tickOnce();

    expect((due as Date).toISOString()).toMatch(/^\d{4}-01-01T00:00:00\.000Z$/);
    expect(await schedules.ticks(id)).toMatchObject([{ tickAt: due }]);
    expect(await schedules.get(id)).toMatchObject({ endsAt: null, status: "no-handler" });
  });

  test.each([
    ["that is over", { endsAt: inHours(-1) }],
    ["that opens for less than a tick", { startsAt: inHours(20), endsAt: inHours(20.0001) }],
    ["that ends before it starts", { startsAt: inHours(20), endsAt: inHours(10) }],
  ])(
    "%s is refused on create, update and enable, with its field, a reason and an example",
    async (_what, window) => {
      const problem = {
        code: "INVALID_SCHEDULE",
        field: "endsAt",
        reason: expect.stringMatching(/window/),
        example: expect.stringMatching(/^\d{4}-.*Z$/),
      };
      const yearly = { jobType: "t", cron: "0 0 29 2 *" };
      await schedules.create({ ...yearly, name: "there", enabled: false });

      await expect(schedules.create({ ...yearly, name: "refused", ...window })).rejects.toMatchObject(
        problem,
      );
      await expect(schedules.update("there", window)).rejects.toMatchObject(problem);

      expect((await schedules.list()).map((schedule) => [schedule.name, schedule.endsAt])).toEqual([
        ["there", null],
      ]);
    },
  );

  test("that opens so late that the next tick comes after the year 9999 is refused", async () => {
    const startsAt = new Date("9999-12-30T00:00:00Z");
    const problem = { code: "INVALID_SCHEDULE", field: "startsAt" };
    await schedules.create({ name: "there", jobType: "t", cron: "0 0 29 2 *" });

    await expect(
      schedules.create({ name: "late", jobType: "t", cron: "0 0 29 2 *", startsAt }),
    ).rejects.toMatchObject(problem);
    await expect(schedules.update("there", { startsAt })).rejects.toMatchObject(problem);
  });

  test("that is over keeps its schedule from being enabled", async () => {
    await schedules.create({ name: "over", jobType: "t", cron: "@hourly", enabled: false });
    await pool.query("UPDATE millrace.job_schedules SET ends_at = now() - interval '1 minute'");

    await expect(schedules.enable("over")).rejects.toMatchObject({
      code: "INVALID_SCHEDULE",
      field: "endsAt",
    });
    expect((await schedules.get("over")).enabled).toBe(false);
  });

  test("changed from both ends at once leaves a tick that belongs to both", async () => {
    const { id } = await schedules.create({ name: "racing", jobType: "t", cron: "0 * * * *" });
    const [startsAt, endsAt] = [inHours(50), inHours(60)];

    await Promise.all([schedules.update(id, { startsAt }), schedules.update(id, { endsAt })]);

    const schedule = await schedules.get(id);
    expect(schedule).toMatchObject({ startsAt, endsAt });
    expect(schedule.nextRunAt?.getTime()).toBeGreaterThanOrEqual(startsAt.getTime());
  });
});
