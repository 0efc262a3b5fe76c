import { createSchedules, type NewSchedule, type Schedules } from "@millrace/scheduler";
import { useTestDatabase } from "@millrace/testing/vitest";
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
  await pool.query("TRUNCATE millrace.jobs, millrace.job_schedules, millrace.job_attempts");
});

function create(name: string, fields: Partial<NewSchedule> = {}) {
  return schedules.create({ name, cron: "30 6 * * *", jobType: "report", ...fields });
}

function namesOf(document: unknown): string[] {
  return (document as { schedules: { name: string }[] }).schedules.map((schedule) => schedule.name);
}

describe("schedules list", () => {
  test("no schedules are an empty list, and people are told so", async () => {
    expect(await cli.json(["schedules", "list"])).toEqual({ schedules: [], next: null });
    expect(await cli.text(["schedules", "list"])).toBe("No schedules.\n");
  });

  test("people see a row a schedule, by name, and which are disabled", async () => {
    await create("weekly", { enabled: false });
    await create("daily", { timezone: "Europe/Berlin" });

    const lines = (await cli.text(["schedules", "list"])).split("\n");

    expect(lines[1]).toMatch(
      /^\| NAME +\| CRON +\| TIMEZONE +\| TYPE +\| ENABLED \| NEXT RUN AT +\| LAST RUN AT \|$/,
    );
    expect(lines[3]).toMatch(
      /^\| daily +\| 30 6 \* \* \* \| Europe\/Berlin \| report \| yes +\| \d{4}-.*:30:00Z \| - +\|$/,
    );
    expect(lines[4]).toMatch(/^\| weekly \| 30 6 \* \* \* \| UTC +\| report \| no +\| - +\| - +\|$/);
  });

  test("pages continue where the last one ended, until there is no next", async () => {
    for (const name of ["a", "b", "c"]) await create(name);

    const first = await cli.json(["schedules", "list", "--limit", "2"]);
    const second = await cli.json(["schedules", "list", "--limit", "2", "--after", "b"]);

    expect(namesOf(first)).toEqual(["a", "b"]);
    expect(first).toMatchObject({ next: "b" });
    expect(namesOf(second)).toEqual(["c"]);
    expect(second).toMatchObject({ next: null });
    expect(await cli.text(["schedules", "list", "--limit", "2"])).toContain(
      'There may be more: --after "b"\n',
    );
  });

  test("a schedule's data cannot act on the terminal, and is cut for people only", async () => {
    const name = `\u001b[2J${"n".repeat(90)}`;
    await create(name);

    const text = await cli.text(["schedules", "list"]);

    expect(text).not.toContain("\u001b");
    expect(text).toContain("\\u001b[2Jnnn");
    expect(text).toContain("n… |");
    expect(namesOf(await cli.json(["schedules", "list"]))).toEqual([name]);
  });
});

describe("schedules get", () => {
  test("JSON holds every field, by name and by id", async () => {
    const { id } = await create("daily", {
      payload: { to: ["a"] },
      queue: "mail",
      priority: 4,
      misfire: "skip",
    });
    const expected = {
      schedule: {
        id,
        name: "daily",
        cron: "30 6 * * *",
        timezone: "UTC",
        enabled: true,
        jobType: "report",
        queue: "mail",
        payload: { to: ["a"] },
        priority: 4,
        maxAttempts: 3,
        misfire: "skip",
        overlap: "allow",
        nextRunAt: expect.stringMatching(/T06:30:00\.000Z$/),
        lastRunAt: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    };

    expect(await cli.json(["schedules", "get", "daily"])).toEqual(expected);
    expect(await cli.json(["schedules", "get", id])).toEqual(expected);
  });

  test("people see every field and the whole payload", async () => {
    await create("daily", { payload: { text: "x".repeat(300), bell: "\u0007" } });

    const text = await cli.text(["schedules", "get", "daily"]);

    expect(text).toMatch(/^Name +daily$/m);
    expect(text).toMatch(/^Cron +30 6 \* \* \*$/m);
    expect(text).toMatch(/^Enabled +yes$/m);
    expect(text).toMatch(/^Next run at +\d{4}-\d{2}-\d{2}T06:30:00Z$/m);
    expect(text).toContain(`    "text": "${"x".repeat(300)}"`);
    expect(text).not.toContain("\u0007");
  });
});

describe("schedules preview of a schedule", () => {
  const now = "2026-10-24T12:00:00Z";

  test("uses its expression and its zone, over a change to winter time", async () => {
    await create("night", { timezone: "Europe/Berlin", cron: "30 2 * * *" });

    expect(await cli.json(["schedules", "preview", "night", "-n", "2"], { now })).toEqual({
      name: "night",
      cron: "30 2 * * *",
      timezone: "Europe/Berlin",
      enabled: true,
      ticks: ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"],
    });
    expect(await cli.text(["schedules", "preview", "night", "-n", "1"], { now })).toContain(
      "| 2026-10-25T00:30:00Z | Sun 2026-10-25 02:30:00 GMT+2 |",
    );
  });

  test("says when it is disabled", async () => {
    await create("night", { enabled: false });

    expect(await cli.json(["schedules", "preview", "night"], { now })).toMatchObject({ enabled: false });
    expect(await cli.text(["schedules", "preview", "night"], { now })).toContain(
      "It is disabled and does not run",
    );
  });
});
