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

  test("people see a row a schedule, by name, and which cannot run", async () => {
    await create("weekly", { enabled: false });
    await create("daily", { timezone: "Europe/Berlin" });

    const lines = (await cli.text(["schedules", "list"])).split("\n");

    expect(lines[0]).toMatch(/^NAME +RUNS +TIMEZONE +TYPE +STATUS +NEXT +LAST$/);
    expect(lines[1]).toMatch(/^daily +30 6 \* \* \* +Europe\S+ +report +no-handler +in \d+ \w+ +-$/);
    expect(lines[2]).toMatch(/^weekly +30 6 \* \* \* +UTC +report +disabled +- +-$/);
  });

  test("pages continue where the last one ended, until there is no next", async () => {
    for (const name of ["a", "b", "c"]) await create(name);

    const first = await cli.json(["schedules", "list", "--limit", "2"]);
    const second = await cli.json(["schedules", "list", "--limit", "2", "--after", "b"]);

    expect(namesOf(first)).toEqual(["a", "b"]);
    expect(first).toMatchObject({ next: "b" });
    expect(namesOf(second)).toEqual(["c"]);
    expect(second).toMatchObject({ next: null });
    expect(await cli.text(["schedules", "list", "--limit", "2"])).toContain('There are more: --after "b"\n');
  });

  test("a schedule's data cannot act on the terminal, and is cut for people only", async () => {
    const name = `\u001b[2J${"n".repeat(90)}`;
    await create(name);

    const text = await cli.text(["schedules", "list"]);

    expect(text).not.toContain("\u001b");
    expect(text).toContain("\\u001b[2Jnnn");
    expect(text).toContain("n… ");
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
        everyMs: null,
        anchor: null,
        timezone: "UTC",
        enabled: true,
        jobType: "report",
        queue: "mail",
        payload: { to: ["a"] },
        priority: 4,
        maxAttempts: 10,
        misfire: "skip",
        overlap: "allow",
        jitterMs: 0,
        startsAt: null,
        endsAt: null,
        maxRuns: null,
        runs: 0,
        declared: false,
        status: "no-handler",
        nextRunAt: expect.stringMatching(/T06:30:00\.000Z$/),
        lastRunAt: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
        warnings: [],
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
    expect(text).toMatch(/^Status +no-handler: no worker seen in the last minute/m);
    expect(text).toMatch(/^Next run at +\d{4}-\d{2}-\d{2}T06:30:00Z \(in \d+ \w+\)$/m);
    expect(text).toContain(`    "text": "${"x".repeat(300)}"`);
    expect(text).not.toContain("\u0007");
  });
});

describe("schedules ticks", () => {
  test("the latest tick comes first, with its outcome and its job", async () => {
    const { id } = await create("daily");
    const jobId = "0190f2d4-0000-7000-8000-000000000001";
    await pool.query(
      `INSERT INTO millrace.job_schedule_ticks (schedule_id, tick_at, outcome, job_id)
       VALUES ($1, '2026-01-01T06:30:00Z', 'enqueued', $2), ($1, '2026-01-02T06:30:00Z', 'misfire-skipped', NULL)`,
      [id, jobId],
    );

    const document = await cli.json(["schedules", "ticks", "daily"]);
    const latest = await cli.json(["schedules", "ticks", id, "--limit", "1"]);
    const text = await cli.text(["schedules", "ticks", "daily"]);

    const recordedAt = expect.any(String);
    const skipped = {
      tickAt: "2026-01-02T06:30:00.000Z",
      outcome: "misfire-skipped",
      jobId: null,
      recordedAt,
    };
    const enqueued = { tickAt: "2026-01-01T06:30:00.000Z", outcome: "enqueued", jobId, recordedAt };
    expect(document).toEqual({ ticks: [skipped, enqueued] });
    expect(latest).toEqual({ ticks: [skipped] });
    expect(text).toMatch(/^2026-01-02T06:30:00Z +misfire-skipped +- +\S/m);
  });

  test("none is told to people as such", async () => {
    await create("daily");

    expect(await cli.text(["schedules", "ticks", "daily"])).toBe("No ticks.\n");
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
      everyMs: null,
      anchor: null,
      startsAt: null,
      endsAt: null,
      maxRuns: null,
      words: "At 02:30",
      warnings: [],
      ticks: ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"],
      runs: [
        { tickAt: "2026-10-25T00:30:00.000Z", offset: "+02:00", clockChange: null },
        {
          tickAt: "2026-10-26T01:30:00.000Z",
          offset: "+01:00",
          clockChange: { at: "2026-10-25T01:00:00.000Z", offsetBefore: "+02:00", offsetAfter: "+01:00" },
        },
      ],
    });
    expect(await cli.text(["schedules", "preview", "night", "-n", "1"], { now })).toContain(
      "2026-10-25T00:30:00Z  Sun 2026-10-25 02:30:00 GMT+2",
    );
  });

  test("keeps to its window, and says when it has ended", async () => {
    await create("night");
    await pool.query("UPDATE millrace.job_schedules SET ends_at = '2026-10-25T12:00:00Z'");

    expect(await cli.json(["schedules", "preview", "night"], { now })).toMatchObject({
      ticks: ["2026-10-25T06:30:00.000Z"],
      endsAt: "2026-10-25T12:00:00.000Z",
    });
    expect(await cli.text(["schedules", "preview", "night"], { now: "2026-10-26T00:00:00Z" })).toContain(
      "It never runs again: it ends at 2026-10-25T12:00:00Z.",
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
