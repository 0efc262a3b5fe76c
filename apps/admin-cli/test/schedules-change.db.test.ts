import { createSchedules, type NewSchedule, type Schedules } from "@millrace/scheduler";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool();
  schedules = createSchedules(pool);
});

beforeEach(async () => {
  await pool.query(
    `TRUNCATE ${JOB_TABLES}, millrace.job_schedules, millrace.job_schedule_ticks, millrace.job_attempts`,
  );
});

const REQUIRED = ["--cron", "30 6 * * *", "--type", "report"];

function create(name: string, fields: Partial<NewSchedule> = {}) {
  return schedules.create({ name, cron: "30 6 * * *", jobType: "report", ...fields });
}

function scheduleOf(document: unknown): unknown {
  expect(document).toEqual({ schedule: expect.any(Object) });
  return (document as { schedule: unknown }).schedule;
}

describe("schedules create", () => {
  test("a name, an expression and a type make a schedule with the defaults, which runs", async () => {
    const created = scheduleOf(await cli.json(["schedules", "create", "daily", ...REQUIRED]));

    const defaults = { timezone: "UTC", queue: "default", payload: {}, priority: 0, maxAttempts: 10 };
    expect(created).toMatchObject({ name: "daily", cron: "30 6 * * *", jobType: "report", ...defaults });
    expect(created).toMatchObject({ misfire: "latest", overlap: "allow", enabled: true });
    expect((await schedules.get("daily")).nextRunAt).toBeInstanceOf(Date);
  });

  test("people are told when it runs first", async () => {
    expect(await cli.text(["schedules", "create", "daily", ...REQUIRED])).toMatch(
      /^Created schedule daily; its next run is at \d{4}-\d{2}-\d{2}T06:30:00Z \(in \d+ \w+\)\.\n$/,
    );
  });

  test("every option reaches the schedule", async () => {
    const options = ["--timezone", "Asia/Kolkata", "--payload", '{"n":1}', "--queue", "mail"];
    const priority = ["--priority", "-2"];
    const policies = ["--misfire", "all", "--overlap", "skip", "--max-attempts", "9", "--disabled"];

    const text = await cli.text([
      "schedules",
      "create",
      "full",
      ...REQUIRED,
      ...options,
      ...priority,
      ...policies,
    ]);

    expect(text).toBe("Created schedule full; it is disabled and does not run.\n");
    expect(await schedules.get("full")).toMatchObject({
      timezone: "Asia/Kolkata",
      payload: { n: 1 },
      queue: "mail",
      priority: -2,
      misfire: "all",
      overlap: "skip",
      maxAttempts: 9,
      enabled: false,
      nextRunAt: null,
    });
  });

  test("a payload may come from standard input", async () => {
    const stdin = "[1,2]";

    await cli.text(["schedules", "create", "piped", ...REQUIRED, "--payload", "-"], { stdin });

    expect((await schedules.get("piped")).payload).toEqual([1, 2]);
  });

  test("a name that is taken is refused with exit code 1, and the other schedule stays as it is", async () => {
    const before = await create("daily");

    expect(
      await cli.failure(["schedules", "create", "daily", "--cron", "@hourly", "--type", "other"]),
    ).toEqual({
      exitCode: 1,
      error: { code: "SCHEDULE_NAME_TAKEN", message: expect.stringContaining('"daily"') },
    });
    expect(await schedules.list()).toEqual([before]);
  });

  test.each([
    ["INVALID_CRON", "x", ["--cron", "0 25 * * *", "--type", "t"]],
    ["INVALID_SCHEDULE", "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f", REQUIRED],
    ["UNKNOWN_TIME_ZONE", "x", [...REQUIRED, "--timezone", "Nowhere"]],
    ["USAGE", "x", [...REQUIRED, "--payload", "{"]],
    ["USAGE", "", REQUIRED],
  ])("%s is bad usage with exit code 2, and nothing is created", async (code, name, options) => {
    const failure = await cli.failure(["schedules", "create", name, ...options]);

    expect(failure).toMatchObject({ exitCode: 2, error: { code } });
    expect(await schedules.list()).toEqual([]);
  });
});

describe("schedules update", () => {
  test("changes what is given and nothing else, of no other schedule", async () => {
    const before = await create("daily", { payload: { keep: true }, queue: "mail" });
    const bystander = await create("other");

    const updated = scheduleOf(await cli.json(["schedules", "update", "daily", "--max-attempts", "8"]));

    expect(updated).toMatchObject({ maxAttempts: 8 });
    expect(await schedules.get("daily")).toEqual({ ...before, maxAttempts: 8, updatedAt: expect.any(Date) });
    expect(await schedules.get("other")).toEqual(bystander);
  });

  test("every option reaches the schedule, and a new expression its next run", async () => {
    await create("daily");
    const options = ["--cron", "45 7 * * *", "--type", "other", "--timezone", "Asia/Kolkata"];
    const more = ["--payload", "[]", "--queue", "mail", "--priority", "1", "--misfire", "skip"];
    const last = ["--overlap", "skip", "--name", "new"];

    const text = await cli.text(["schedules", "update", "daily", ...options, ...more, ...last]);

    expect(text).toMatch(
      /^Updated schedule new; its next run is at \d{4}-\d\d-\d\dT02:15:00Z \(in .*\)\.\n$/,
    );
    expect(await schedules.get("new")).toMatchObject({
      cron: "45 7 * * *",
      jobType: "other",
      timezone: "Asia/Kolkata",
      payload: [],
      queue: "mail",
      priority: 1,
      misfire: "skip",
      overlap: "skip",
    });
  });

  test("a new name that is taken is refused with exit code 1", async () => {
    await create("daily");
    const before = await create("other");

    const failure = await cli.failure(["schedules", "update", "other", "--name", "daily"]);

    expect(failure).toMatchObject({ exitCode: 1, error: { code: "SCHEDULE_NAME_TAKEN" } });
    expect(await schedules.get("other")).toEqual(before);
  });
});

describe("jitter and window", () => {
  test("are set on create and taken away on update", async () => {
    const window = ["--starts-at", "2090-01-01T00:00:00Z", "--ends-at", "2091-01-01T00:00:00+01:00"];

    await cli.text(["schedules", "create", "daily", ...REQUIRED, "--jitter", "90s", ...window]);
    const created = await schedules.get("daily");
    const none = ["--jitter", "0", "--starts-at", "none", "--ends-at", "none"];
    const updated = scheduleOf(await cli.json(["schedules", "update", "daily", ...none]));

    expect(created).toMatchObject({
      jitterMs: 90_000,
      startsAt: new Date("2090-01-01T00:00:00Z"),
      endsAt: new Date("2090-12-31T23:00:00Z"),
      nextRunAt: new Date("2090-01-01T06:30:00Z"),
    });
    expect(updated).toMatchObject({ jitterMs: 0, startsAt: null, endsAt: null });
  });

  test("a window that never opens is bad usage, with the field, the reason and an example", async () => {
    const failure = await cli.failure([
      "schedules",
      "create",
      "daily",
      ...REQUIRED,
      "--ends-at",
      "2020-01-01T00:00:00Z",
    ]);

    expect(failure).toEqual({
      exitCode: 2,
      error: {
        code: "INVALID_SCHEDULE",
        message: expect.stringMatching(/`endsAt` leaves no tick.*For example: \d{4}-/),
      },
    });
  });
});

describe("schedules run", () => {
  test("enqueues the job of a disabled schedule now, and changes nothing about the schedule", async () => {
    const before = await create("daily", { enabled: false, payload: { n: 1 }, queue: "mail" });

    const document = await cli.json(["schedules", "run", "daily"]);
    const text = await cli.text(["schedules", "run", before.id]);

    expect(document).toEqual({ id: before.id, name: "daily", jobId: expect.any(String) });
    expect(text).toMatch(/^Enqueued job [0-9a-f-]{36} of schedule daily\.\n$/);
    const { rows } = await pool.query(
      "SELECT id, type, queue, payload, schedule_id FROM millrace.jobs ORDER BY id",
    );
    const job = { type: "report", queue: "mail", payload: { n: 1 }, schedule_id: before.id };
    expect(rows).toEqual([
      { id: (document as { jobId: string }).jobId, ...job },
      { id: expect.any(String), ...job },
    ]);
    expect(await schedules.get("daily")).toEqual(before);
  });
});

describe("schedules enable and disable", () => {
  test("a disabled schedule does not run, and people are told so", async () => {
    await create("daily");

    expect(await cli.text(["schedules", "disable", "daily"])).toBe(
      "Disabled schedule daily; it is disabled and does not run.\n",
    );
    expect((await schedules.get("daily")).enabled).toBe(false);
  });

  test("an enabled schedule runs from now on, and people are told when", async () => {
    await create("daily", { enabled: false });

    expect(await cli.text(["schedules", "enable", "daily"])).toMatch(
      /^Enabled schedule daily; its next run is at \d{4}-\d{2}-\d{2}T06:30:00Z \(in \d+ \w+\)\.\n$/,
    );
    expect(await schedules.get("daily")).toMatchObject({ enabled: true, nextRunAt: expect.any(Date) });
  });

  test("both answer with the schedule as it is now", async () => {
    const { id } = await create("daily");

    expect(scheduleOf(await cli.json(["schedules", "disable", id]))).toMatchObject({ id, enabled: false });
    expect(scheduleOf(await cli.json(["schedules", "enable", id]))).toMatchObject({ id, enabled: true });
  });
});

describe("schedules delete", () => {
  test("deletes the schedule that is named, and no other", async () => {
    const { id } = await create("daily");
    const bystander = await create("other");

    expect(await cli.json(["schedules", "delete", "daily"])).toEqual({
      id,
      name: "daily",
      outcome: "deleted",
    });

    expect(await schedules.list()).toEqual([bystander]);
  });

  test("people are told which one, also when it was named by its id", async () => {
    const { id } = await create("daily");

    expect(await cli.text(["schedules", "delete", id])).toBe(
      "Deleted schedule daily; the jobs it made stay.\n",
    );
  });
});

test.each([
  ["get", []],
  ["update", ["--queue", "mail"]],
  ["enable", []],
  ["disable", []],
  ["delete", []],
  ["run", []],
  ["ticks", []],
  ["preview", []],
])("schedules %s of a schedule that is not there fails with exit code 1", async (verb, options) => {
  expect(await cli.failure(["schedules", verb, "nowhere", ...options])).toEqual({
    exitCode: 1,
    error: { code: "SCHEDULE_NOT_FOUND", message: expect.stringContaining('"nowhere"') },
  });
});
