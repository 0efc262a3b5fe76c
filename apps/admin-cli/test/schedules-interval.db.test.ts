import { createSchedules, type Schedules } from "@millrace/scheduler";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let schedules: Schedules;

beforeAll(() => {
  schedules = createSchedules(database.pool());
});

beforeEach(async () => {
  await database
    .pool()
    .query(
      `TRUNCATE ${JOB_TABLES}, millrace.job_schedules, millrace.job_schedule_ticks, millrace.job_attempts`,
    );
});

test("a schedule may tick at an interval, from an anchor, and end after so many jobs", async () => {
  const options = [
    "--every",
    "90s",
    "--anchor",
    "2026-01-01T00:00:00Z",
    "--max-runs",
    "7",
    "--run-on-create",
  ];

  const document = await cli.json(["schedules", "create", "poll", "--type", "t", ...options]);

  const expected = { cron: null, everyMs: 90_000, maxRuns: 7, runs: 0 };
  expect(document).toMatchObject({ schedule: { ...expected, anchor: "2026-01-01T00:00:00.000Z" } });
  const schedule = await schedules.get("poll");
  expect(schedule).toMatchObject({ ...expected, anchor: new Date("2026-01-01T00:00:00Z") });
  // Its creation is its first tick, which is due at once.
  expect(schedule.nextRunAt?.getTime()).toBeLessThanOrEqual(schedule.createdAt.getTime());
});

test("people see an interval in place of an expression", async () => {
  await schedules.create({ name: "poll", jobType: "t", everyMs: 90_000, maxRuns: 7 });

  expect(await cli.text(["schedules", "list"])).toMatch(
    /^poll +every 1m 30s +- +t +no-handler +in \d+ \w+ +-$/m,
  );
  const text = await cli.text(["schedules", "get", "poll"]);
  expect(text).toMatch(/^Every +1m 30s$/m);
  expect(text).toMatch(/^Runs +0 of 7$/m);
});

test("an expression takes the place of an interval, and none takes an end away", async () => {
  await schedules.create({ name: "poll", jobType: "t", everyMs: 90_000, maxRuns: 7 });

  await cli.text(["schedules", "update", "poll", "--cron", "@daily", "--max-runs", "none"]);

  expect(await schedules.get("poll")).toMatchObject({ cron: "@daily", everyMs: null, maxRuns: null });
});

test("a step that does not go on evenly comes with a warning, in text and JSON", async () => {
  const argv = ["schedules", "create", "odd", "--type", "t", "--cron", "0 */7 * * *"];

  const text = await cli.text(argv);

  expect(text).toMatch(/^Created schedule odd; .*\nWarning: hour: "\*\/7" is not every 7 hours.*\n$/);
  expect(await cli.json(["schedules", "get", "odd"])).toMatchObject({
    schedule: { warnings: [expect.stringContaining("not every 7 hours")] },
  });
});

test("relative instants of a window count from the database's clock", async () => {
  await cli.text(["schedules", "create", "poll", "--type", "t", "--every", "1h", "--ends-at", "in 2d"]);

  const { endsAt, createdAt } = await schedules.get("poll");
  const hours = ((endsAt?.getTime() ?? 0) - createdAt.getTime()) / 3_600_000;
  expect(Math.round(hours)).toBe(48);
});
