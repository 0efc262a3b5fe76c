import { createQueue, defineTask } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createScheduler,
  createSchedules,
  type DefineScheduleOptions,
  defineSchedule,
  isSchedule,
  nextTick,
  reconcileSchedules,
  type Schedules,
} from "../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool({ max: 10 });
  schedules = createSchedules(pool);
});

beforeEach(async () => {
  await pool.query("DELETE FROM millrace.job_schedules");
});

interface Report {
  to: string;
}

const task = defineTask({
  name: "report",
  queue: "reports",
  maxAttempts: 9,
  payload: {
    "~standard": {
      version: 1,
      vendor: "test",
      types: undefined as { input: Report; output: Report } | undefined,
      validate: (value) =>
        typeof value === "object" && value !== null && "to" in value
          ? { value: value as Report }
          : { issues: [{ message: "is required", path: ["to"] }] },
    },
  },
  run: () => undefined,
});

const declare = (overrides: Partial<DefineScheduleOptions<Report>> = {}) =>
  defineSchedule<Report>({ name: "daily", cron: "@daily", task, payload: { to: "a" }, ...overrides });

const nothing = { created: [], updated: [], unchanged: [], drift: [], warnings: [] };

describe("a declaration", () => {
  test("takes queue and attempts of its task unless it has its own", () => {
    expect(declare().fields).toMatchObject({ jobType: "report", queue: "reports", maxAttempts: 9 });
    expect(declare({ queue: "other" }).fields).toMatchObject({ queue: "other", maxAttempts: 9 });
  });

  test("tells whether it or its task says how many attempts its jobs get", () => {
    const silent = { ...task, maxAttempts: undefined };

    expect(declare().attemptsSaidBy).toBe("task");
    expect(declare({ task: silent }).attemptsSaidBy).toBeNull();
    expect(declare({ maxAttempts: 10 }).attemptsSaidBy).toBe("schedule");
  });

  test("is known by its kind, and a task is none", () => {
    expect([declare(), task, null, { kind: "other" }].map(isSchedule)).toEqual([true, false, false, false]);
  });

  test("with a bad field is refused where it is declared", () => {
    expect(() => declare({ cron: "61 * * * *" })).toThrow(expect.objectContaining({ code: "INVALID_CRON" }));
    expect(() => declare({ jitterMs: -1 })).toThrow(expect.objectContaining({ field: "jitterMs" }));
  });
});

describe("reconciling", () => {
  test("creates what is not there, and then finds it unchanged", async () => {
    const first = await reconcileSchedules(pool, [declare({ timezone: "Europe/Berlin", jitterMs: 500 })]);
    const created = await schedules.get("daily");
    const second = await reconcileSchedules(pool, [declare({ timezone: "Europe/Berlin", jitterMs: 500 })]);

    expect(first).toEqual({ ...nothing, created: ["daily"] });
    expect(created).toMatchObject({
      jobType: "report",
      queue: "reports",
      payload: { to: "a" },
      maxAttempts: 9,
      jitterMs: 500,
      declared: true,
      nextRunAt: nextTick("@daily", "Europe/Berlin", created.createdAt),
    });
    expect(second).toEqual({ ...nothing, unchanged: ["daily"] });
    expect(await schedules.get("daily")).toEqual(created);
  });

  test("updates what code owns, and moves the tick to come only when the time changes", async () => {
    await reconcileSchedules(pool, [declare()]);
    const before = await schedules.get("daily");

    const payload = await reconcileSchedules(pool, [declare({ payload: { to: "b" } })]);
    const kept = await schedules.get("daily");
    const time = await reconcileSchedules(pool, [declare({ payload: { to: "b" }, cron: "0 6 1 1 *" })]);
    const moved = await schedules.get("daily");

    expect(payload).toEqual({ ...nothing, updated: [{ name: "daily", fields: ["payload"] }] });
    expect(kept).toEqual({ ...before, payload: { to: "b" }, updatedAt: kept.updatedAt });
    expect(time.updated).toEqual([{ name: "daily", fields: ["cron"] }]);
    expect(moved.nextRunAt).toEqual(nextTick("0 6 1 1 *", "UTC", moved.updatedAt));
  });

  test("leaves the fields that an operator edited, again and again, and reports them", async () => {
    await reconcileSchedules(pool, [declare()]);
    await schedules.update("daily", { cron: "0 9 * * *" });
    await schedules.disable("daily");
    const changed = declare({ cron: "0 5 * * *", priority: 3 });

    const first = await reconcileSchedules(pool, [changed]);
    const second = await reconcileSchedules(pool, [changed]);

    const drift = [
      {
        kind: "edited",
        name: "daily",
        fields: [
          { field: "cron", declared: "0 5 * * *", found: "0 9 * * *" },
          { field: "enabled", declared: true, found: false },
        ],
      },
    ];
    expect(first.updated).toEqual([{ name: "daily", fields: ["priority"] }]);
    expect(first.drift).toMatchObject([
      { ...drift[0], fields: expect.arrayContaining(drift[0]?.fields ?? []) },
    ]);
    expect(second).toMatchObject({ unchanged: ["daily"], updated: [] });
    expect(second.drift).toEqual(first.drift);
    expect(await schedules.get("daily")).toMatchObject({
      cron: "0 9 * * *",
      priority: 3,
      enabled: false,
      nextRunAt: null,
    });
  });

  test("leaves a schedule that an operator made under the name, and reports it", async () => {
    const made = await schedules.create({ name: "daily", jobType: "by-hand", cron: "@hourly" });

    const report = await reconcileSchedules(pool, [declare()]);

    expect(report).toEqual({ ...nothing, drift: [{ kind: "name-taken", name: "daily" }] });
    expect(await schedules.get("daily")).toEqual(made);
  });

  test("reports what code no longer declares, and leaves it", async () => {
    await reconcileSchedules(pool, [declare(), declare({ name: "old" })]);
    const old = await schedules.get("old");

    const report = await reconcileSchedules(pool, [declare()]);

    expect(report).toEqual({
      ...nothing,
      unchanged: ["daily"],
      drift: [{ kind: "undeclared", name: "old" }],
    });
    expect(await schedules.get("old")).toEqual(old);
  });

  test("of a schedule whose end has passed creates none, and ends one that is there; code still starts", async () => {
    await reconcileSchedules(pool, [declare()]);
    const endsAt = new Date("2020-01-01T00:00:00Z");

    const report = await reconcileSchedules(pool, [declare({ endsAt }), declare({ name: "over", endsAt })]);

    expect(report).toMatchObject({
      updated: [{ name: "daily", fields: ["endsAt"] }],
      drift: [{ kind: "no-future", name: "over" }],
    });
    expect(await schedules.get("daily")).toMatchObject({ nextRunAt: null, status: "no-future" });
    expect((await schedules.list()).map((schedule) => schedule.name)).toEqual(["daily"]);
  });

  test("with a new window keeps a tick that is overdue, and with a new cadence begins now", async () => {
    await reconcileSchedules(pool, [declare()]);
    const overdue = new Date(Date.now() - 3 * 86_400_000);
    overdue.setUTCHours(0, 0, 0, 0);
    const miss = () => pool.query("UPDATE millrace.job_schedules SET next_run_at = $1", [overdue]);
    await miss();

    await reconcileSchedules(pool, [declare({ endsAt: new Date(Date.now() + 86_400_000 * 30) })]);
    expect((await schedules.get("daily")).nextRunAt).toEqual(overdue);
    await miss();
    const before = Date.now();
    await reconcileSchedules(pool, [declare({ cron: "@hourly" })]);
    expect((await schedules.get("daily")).nextRunAt?.getTime()).toBeGreaterThan(before);
  });

  test.each([
    [
      "a declared one",
      async (endsAt: Date) => {
        await reconcileSchedules(pool, [declare({ cron: "@yearly", endsAt })]);
      },
    ],
    [
      "one updated by hand",
      async (endsAt: Date) => {
        await schedules.update("daily", { endsAt });
      },
    ],
  ])(
    "with a new window fires what was missed, and keeps a record of each tick: %s",
    async (_name, change) => {
      await reconcileSchedules(pool, [declare({ cron: "@yearly" })]);
      await pool.query(
        "UPDATE millrace.job_schedules SET next_run_at = date_trunc('year', now(), 'UTC') - interval '2 years'",
      );

      await change(new Date(Date.now() + 86_400_000 * 400));
      await createScheduler({ pool, queue: createQueue(pool) }).tickOnce();

      const outcomes = (await schedules.ticks("daily")).map(({ outcome }) => outcome);
      expect(outcomes).toHaveLength(3);
      expect(outcomes.filter((outcome) => outcome === "enqueued")).toHaveLength(1);
    },
  );

  test("is all or nothing: a payload that does not fit keeps every schedule from being written", async () => {
    const unfit = declare({ name: "unfit", payload: {} as Report });

    await expect(reconcileSchedules(pool, [declare(), unfit])).rejects.toMatchObject({
      code: "INVALID_SCHEDULE",
      field: "payload",
    });
    await expect(reconcileSchedules(pool, [declare(), declare()])).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("daily"),
    });

    expect(await schedules.list()).toEqual([]);
  });

  test("is rolled back as a whole when the database refuses a part of it", async () => {
    await pool.query(
      "ALTER TABLE millrace.job_schedules ADD CONSTRAINT test_check CHECK (name <> 'refused')",
    );

    const reconciling = reconcileSchedules(pool, [declare(), declare({ name: "refused" })]);
    await expect(reconciling).rejects.toMatchObject({ code: "23514" });
    await pool.query("ALTER TABLE millrace.job_schedules DROP CONSTRAINT test_check");

    expect(await schedules.list()).toEqual([]);
  });

  test("by three workers that start at once creates each schedule once", async () => {
    const reports = await Promise.all(
      [1, 2, 3].map(() => reconcileSchedules(pool, [declare(), declare({ name: "other" })])),
    );

    expect(reports.map((report) => report.created.length).sort()).toEqual([0, 0, 2]);
    expect(reports.flatMap((report) => report.unchanged).sort()).toEqual([
      "daily",
      "daily",
      "other",
      "other",
    ]);
    expect(reports.flatMap((report) => report.drift)).toEqual([]);
  });
});
