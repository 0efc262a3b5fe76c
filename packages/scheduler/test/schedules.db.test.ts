import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createScheduler, createSchedules, nextTick, type Schedules } from "../src/index.ts";
import { jobsOf, makeDue, scheduleRow } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool({ max: 10 });
  queue = createQueue(pool);
  schedules = createSchedules(pool);
});

/** No tick of it comes due while a test runs. */
const yearly = { jobType: "t", cron: "0 0 1 1 *" };

describe("create", () => {
  test("writes every field and reads it back", async () => {
    const input = {
      name: "every-field",
      jobType: "report",
      cron: "30 2 * * mon",
      timezone: "Europe/Berlin",
      queue: "slow",
      payload: { to: ["a", 1, null] },
      priority: -5,
      maxAttempts: 7,
      misfire: "all",
      overlap: "skip",
    } as const;

    const created = await schedules.create(input);

    expect(created).toMatchObject({ ...input, enabled: true, lastRunAt: null });
    expect(created.nextRunAt).toEqual(nextTick(input.cron, input.timezone, created.createdAt));
    expect(await schedules.get("every-field")).toEqual(created);
    expect(await schedules.get(created.id)).toEqual(created);
    expect(await scheduleRow(pool, created.id)).toMatchObject({
      payload: input.payload,
      next_run_at: created.nextRunAt,
    });
  });

  test("refuses a name that is taken, and leaves its schedule alone", async () => {
    const first = await schedules.create({ ...yearly, name: "taken" });

    await expect(schedules.create({ ...yearly, name: "taken", cron: "@daily" })).rejects.toMatchObject({
      code: "SCHEDULE_NAME_TAKEN",
      scheduleName: "taken",
    });

    expect(await schedules.get("taken")).toEqual(first);
  });

  test("two at once under one name: one is created, the other is told", async () => {
    const results = await Promise.allSettled([
      schedules.create({ ...yearly, name: "at-once" }),
      schedules.create({ ...yearly, name: "at-once" }),
    ]);

    expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("refuses bad input before anything is written", async () => {
    const bad = [{ cron: "61 * * * *" }, { timezone: "Mars/Olympus" }, { jobType: "" }, { maxAttempts: 0 }];

    for (const fields of bad) {
      await expect(schedules.create({ ...yearly, name: "bad", ...fields })).rejects.toMatchObject({
        code: expect.stringMatching(/^(INVALID_CRON|UNKNOWN_TIME_ZONE|INVALID_SCHEDULE)$/),
      });
    }

    await expect(schedules.get("bad")).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND", nameOrId: "bad" });
  });

  test("a disabled one has no tick to come", async () => {
    const created = await schedules.create({ ...yearly, name: "created-disabled", enabled: false });

    expect(created).toMatchObject({ enabled: false, nextRunAt: null });
  });
});

describe("ensure", () => {
  test("creates a default once and never overwrites what an operator changed", async () => {
    const outcomes = [await schedules.ensure({ ...yearly, name: "default" })];
    const edited = await schedules.update("default", { cron: "15 3 * * *", payload: { edited: true } });
    await schedules.disable("default");

    outcomes.push(await schedules.ensure({ ...yearly, name: "default" }));

    expect(outcomes).toEqual(["created", "exists"]);
    expect(await schedules.get("default")).toMatchObject({
      id: edited.id,
      cron: "15 3 * * *",
      payload: { edited: true },
      enabled: false,
    });
  });
});

describe("update", () => {
  test("changes what is given, and leaves the tick to come when the time is not touched", async () => {
    const { id } = await schedules.create({ ...yearly, name: "patch" });
    const bystander = await schedules.create({ ...yearly, name: "patch-bystander" });
    await makeDue(pool, id);
    const before = await schedules.get(id);

    const updated = await schedules.update("patch", {
      queue: "slow",
      payload: [1],
      priority: 3,
      cron: yearly.cron,
    });

    expect(updated).toEqual({
      ...before,
      queue: "slow",
      payload: [1],
      priority: 3,
      updatedAt: updated.updatedAt,
    });
    expect(updated.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime());
    expect(await schedules.get(bystander.id)).toEqual(bystander);
  });

  test("a new expression or zone computes the next tick from now", async () => {
    const { id } = await schedules.create({ ...yearly, name: "retimed" });
    await makeDue(pool, id, "now() - interval '1 day'");

    const expression = await schedules.update(id, { cron: "0 6 1 1 *" });
    const zone = await schedules.update(id, { timezone: "Asia/Kolkata" });

    expect(expression.nextRunAt).toEqual(nextTick("0 6 1 1 *", "UTC", expression.updatedAt));
    expect(zone.nextRunAt).toEqual(nextTick("0 6 1 1 *", "Asia/Kolkata", zone.updatedAt));
  });

  test("of a disabled schedule leaves it without a tick", async () => {
    await schedules.create({ ...yearly, name: "retimed-disabled", enabled: false });

    expect(await schedules.update("retimed-disabled", { cron: "@daily" })).toMatchObject({ nextRunAt: null });
  });

  test("of the expression and of the zone at once leave a tick that belongs to both", async () => {
    const { id } = await schedules.create({ ...yearly, name: "racing" });

    await Promise.all([
      schedules.update(id, { cron: "0 6 1 1 *" }),
      schedules.update(id, { timezone: "Asia/Kolkata" }),
    ]);

    const { nextRunAt, updatedAt } = await schedules.get(id);
    expect(nextRunAt).toEqual(nextTick("0 6 1 1 *", "Asia/Kolkata", updatedAt));
  });

  test("to a name that is taken is refused", async () => {
    await schedules.create({ ...yearly, name: "one" });
    await schedules.create({ ...yearly, name: "two" });

    await expect(schedules.update("two", { name: "one" })).rejects.toMatchObject({
      code: "SCHEDULE_NAME_TAKEN",
    });
  });

  test("of no schedule, and with a bad expression, is refused", async () => {
    await schedules.create({ ...yearly, name: "kept" });

    await expect(schedules.update("nobody", { queue: "q" })).rejects.toMatchObject({
      code: "SCHEDULE_NOT_FOUND",
    });
    await expect(schedules.update("kept", { cron: "x" })).rejects.toMatchObject({ code: "INVALID_CRON" });
    expect((await schedules.get("kept")).cron).toBe(yearly.cron);
  });
});

describe("enable and disable", () => {
  test("enable computes the next tick from now: what was due meanwhile does not fire", async () => {
    const { id } = await schedules.create({ ...yearly, name: "paused" });
    await makeDue(pool, id, "now() - interval '1 day'");

    await schedules.disable("paused");
    const enabled = await schedules.enable("paused");
    const { ticks } = await createScheduler({ pool, queue }).tickOnce();

    expect(enabled.nextRunAt).toEqual(nextTick(yearly.cron, "UTC", enabled.updatedAt));
    expect(enabled.enabled).toBe(true);
    expect(ticks.filter((tick) => tick.scheduleId === id)).toEqual([]);
  });

  test("disable keeps the last tick and the jobs", async () => {
    const { id } = await schedules.create({ ...yearly, name: "history" });
    await makeDue(pool, id);
    await createScheduler({ pool, queue }).tickOnce();
    const { lastRunAt } = await schedules.get(id);

    const disabled = await schedules.disable(id);

    expect(lastRunAt).toBeInstanceOf(Date);
    expect(disabled).toMatchObject({ enabled: false, nextRunAt: null, lastRunAt });
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("of no schedule are refused", async () => {
    await expect(schedules.enable("nobody")).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND" });
    await expect(schedules.disable("nobody")).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND" });
  });
});

describe("delete", () => {
  test("keeps the schedule's jobs, which then have no schedule", async () => {
    const { id } = await schedules.create({ ...yearly, name: "doomed" });
    await makeDue(pool, id);
    await createScheduler({ pool, queue }).tickOnce();
    const [job] = await jobsOf(pool, id);

    await schedules.delete("doomed");

    const { rows } = await pool.query("SELECT state, schedule_id FROM millrace.jobs WHERE id = $1", [
      job?.["id"],
    ]);
    expect(rows).toEqual([{ state: "queued", schedule_id: null }]);
    await expect(schedules.delete("doomed")).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND" });
  });
});

describe("list", () => {
  test("pages by name, and filters by the switch", async () => {
    for (const name of ["list-b", "list-a", "list-c"]) await schedules.create({ ...yearly, name });
    await schedules.disable("list-b");

    const first = await schedules.list({ after: "list-", limit: 2 });
    const second = await schedules.list({ after: "list-b", limit: 1 });
    const disabled = await schedules.list({ after: "list-", enabled: false, limit: 1 });

    expect([first, second, disabled].map((page) => page.map((schedule) => schedule.name))).toEqual([
      ["list-a", "list-b"],
      ["list-c"],
      ["list-b"],
    ]);
    await expect(schedules.list({ limit: 0 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

describe("in a transaction", () => {
  test("a schedule is there only when the caller commits", async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await createSchedules(client).create({ ...yearly, name: "rolled-back" });
    await client.query("ROLLBACK");
    client.release();

    await expect(schedules.get("rolled-back")).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND" });
  });
});
