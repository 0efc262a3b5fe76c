import { defineTask } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSchedules, type Schedules } from "../src/index.ts";
import { insertScheduleRow, jobsOf, scheduleRow } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool({ max: 10 });
  schedules = createSchedules(pool);
});

beforeEach(async () => {
  await pool.query("DELETE FROM millrace.job_schedules; DELETE FROM millrace.workers");
});

async function insertWorker(types: string[], seenAt = "now()"): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.workers (worker_id, queues, types, seen_at) VALUES ($1, '{default}', $2, ${seenAt})`,
    [`worker ${types.join()} ${seenAt}`, types],
  );
}

const statusOf = async (name: string) => (await schedules.get(name)).status;

describe("a schedule's status", () => {
  test("is no-handler while no worker seen in the last minute has a task for its jobs", async () => {
    await schedules.create({ name: "report", jobType: "report", cron: "@daily" });
    await insertWorker(["other"]);
    await insertWorker(["report"], "now() - interval '61 seconds'");

    const before = await statusOf("report");
    await insertWorker(["other", "report"], "now() - interval '1 second'");

    expect(before).toBe("no-handler");
    expect(await statusOf("report")).toBe("ready");
    expect((await schedules.list()).map((schedule) => schedule.status)).toEqual(["ready"]);
  });

  test("is there in the answer of every write", async () => {
    await insertWorker(["t"]);

    const created = await schedules.create({ name: "written", jobType: "t", cron: "@daily" });
    const updated = await schedules.update("written", { jobType: "unknown" });
    const disabled = await schedules.disable("written");
    const enabled = await schedules.enable("written");

    expect([created, updated, disabled, enabled].map((schedule) => schedule.status)).toEqual([
      "ready",
      "no-handler",
      "disabled",
      "no-handler",
    ]);
  });

  test("is invalid for a row written by hand that cannot be read, which hides no other from a list", async () => {
    await insertWorker(["t"]);
    await insertScheduleRow(pool, "a", { cron: "not a cron" });
    await insertScheduleRow(pool, "b", { timezone: "Mars/Olympus" });
    await insertScheduleRow(pool, "c");

    expect((await schedules.list()).map((schedule) => schedule.status)).toEqual([
      "invalid",
      "invalid",
      "ready",
    ]);
  });
});

describe("run now", () => {
  test("enqueues the job with a key of its own, and touches neither the cadence nor the ticks", async () => {
    const input = {
      jobType: "t",
      // Not at midnight: the row says whether its tick is ahead, and must say so before and after.
      cron: "@yearly",
      queue: "lane",
      payload: { n: 1 },
      priority: 3,
      maxAttempts: 7,
    };
    const { id } = await schedules.create({ ...input, name: "now" });
    const before = await scheduleRow(pool, id);

    const jobs = [await schedules.runNow("now"), await schedules.runNow(id)];

    expect(await jobsOf(pool, id)).toEqual(
      jobs.map((jobId) =>
        expect.objectContaining({
          id: jobId,
          type: "t",
          queue: "lane",
          payload: { n: 1 },
          priority: 3,
          max_attempts: 7,
          state: "queued",
          idempotency_key: expect.stringMatching(new RegExp(`^schedule:${id}:now:[0-9a-f-]{36}$`)),
          tick_at: null,
        }),
      ),
    );
    expect(await scheduleRow(pool, id)).toEqual(before);
    expect(await schedules.ticks(id)).toEqual([]);
  });

  test("works on a disabled schedule, and is refused for one that is not there", async () => {
    const { id } = await schedules.create({ name: "off", jobType: "t", cron: "@daily", enabled: false });

    await schedules.runNow("off");

    expect(await jobsOf(pool, id)).toHaveLength(1);
    await expect(schedules.runNow("nobody")).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND" });
  });

  test("in a transaction is there when that commits", async () => {
    const { id } = await schedules.create({ name: "tx", jobType: "t", cron: "@daily" });
    const client = await pool.connect();
    await client.query("BEGIN");
    await createSchedules(client).runNow("tx");
    await client.query("ROLLBACK");
    client.release();

    expect(await jobsOf(pool, id)).toEqual([]);
  });
});

describe("a payload", () => {
  const task = defineTask({
    name: "mail.send",
    payload: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) =>
          typeof value === "object" && value !== null && "to" in value
            ? { value }
            : { issues: [{ message: "is required", path: ["to"] }] },
      },
    },
    run: () => undefined,
  });
  const misfit = {
    code: "INVALID_SCHEDULE",
    field: "payload",
    reason: expect.stringContaining("to: is required"),
    example: expect.stringContaining("mail.send"),
  };
  const mail = { jobType: "mail.send", cron: "@daily" };

  test("that its task does not take is refused on create and on update, where the task is known", async () => {
    const checked = createSchedules(pool, { tasks: [task] });
    await checked.create({ ...mail, name: "mail", payload: { to: "a" } });
    await checked.create({ name: "other", jobType: "unknown", cron: "@daily", payload: 7 });

    await expect(checked.create({ ...mail, name: "bad", payload: { from: "a" } })).rejects.toMatchObject(
      misfit,
    );
    await expect(checked.update("mail", { payload: {} })).rejects.toMatchObject(misfit);
    await expect(checked.update("other", { jobType: "mail.send" })).rejects.toMatchObject(misfit);

    expect((await schedules.list()).map(({ name, payload }) => [name, payload])).toEqual([
      ["mail", { to: "a" }],
      ["other", 7],
    ]);
  });

  test("is taken as it is where the task is not known", async () => {
    await schedules.create({ ...mail, name: "unchecked", payload: {} });

    expect((await schedules.get("unchecked")).payload).toEqual({});
  });
});
