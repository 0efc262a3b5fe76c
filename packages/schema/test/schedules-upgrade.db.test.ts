import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../src/index.ts";
import { migrateTo, useFreshDatabases } from "./fresh-database.ts";

/** How many migrations there were when every schedule had an expression. */
const ONLY_CRON = 10;

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

describe("the migration that gives schedules intervals", () => {
  const databases = useFreshDatabases();

  test("changes nothing about the schedules that are there, and lets them be without an expression", async () => {
    const old = await databases.empty();
    await migrateTo(old, ONLY_CRON);
    await old.query(
      `INSERT INTO millrace.job_schedules
         (name, job_type, cron_expr, timezone, enabled, misfire, overlap, jitter_ms, starts_at, ends_at, declared,
          max_attempts, next_run_at, last_run_at)
       VALUES
         ('nightly', 'report', '30 2 * * *', 'Europe/Berlin', true, 'all', 'skip', 500, now(),
          now() + interval '1 year', '{"cron": "30 2 * * *"}', 3, now() + interval '1 day', now()),
         ('odd', 'report', '*/90 * * * *', 'UTC', false, 'latest', 'allow', 0, NULL, NULL, NULL, 3, NULL, NULL)`,
    );
    const read = async () =>
      (await old.query<Record<string, unknown>>("SELECT * FROM millrace.job_schedules ORDER BY name")).rows;
    const before = await read();

    await migrate(old);

    const added = { every_ms: null, anchor: null, max_runs: null, runs: 0 };
    expect(await read()).toEqual(before.map((row) => ({ ...row, ...added })));
    await old.query(
      "INSERT INTO millrace.job_schedules (name, job_type, every_ms) VALUES ('poll', 't', 1000)",
    );
  });
});

describe("a schedule's row", () => {
  test.each([
    ["neither an expression nor an interval", "queue", "'default'", "job_schedules_cadence_check"],
    ["both", "cron_expr, every_ms", "'@daily', 60000", "job_schedules_cadence_check"],
    ["an expression and an anchor", "cron_expr, anchor", "'@daily', now()", "job_schedules_cadence_check"],
    ["an interval of less than a second", "every_ms", "999", "job_schedules_every_check"],
    ["an interval of more than a hundred years", "every_ms", "3155760000001", "job_schedules_every_check"],
    ["an end after no job", "every_ms, max_runs", "60000, 0", "job_schedules_runs_check"],
    ["fewer jobs than none", "every_ms, runs", "60000, -1", "job_schedules_runs_check"],
  ])("with %s is refused", async (_what, columns, values, constraint) => {
    await expect(
      pool.query(
        `INSERT INTO millrace.job_schedules (name, job_type, ${columns}) VALUES ('s', 't', ${values})`,
      ),
    ).rejects.toMatchObject({ constraint });
  });
});
