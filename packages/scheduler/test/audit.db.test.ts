import { createQueue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSchedules } from "../src/index.ts";
import { jobsOf } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool({ max: 10 });
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.audit_log; DELETE FROM millrace.job_schedules`);
});

const audit = { who: "ada", via: "admin page" };
const yearly = { jobType: "t", cron: "0 0 1 1 *" };

/** What was recorded, the oldest entry first. */
async function recorded() {
  const entries = await createQueue(pool).audit({ limit: 100 });
  return entries.toReversed().map(({ who, via, action, filter, changed, before }) => {
    return { by: `${who} by ${via}`, action, filter, changed, before };
  });
}

describe("with audit", () => {
  test("each command that changes a schedule records who, what and the old values", async () => {
    const schedules = createSchedules(pool, { audit });

    const { id } = await schedules.create({ ...yearly, name: "s", payload: { n: 1 } });
    await schedules.update("s", { everyMs: 90_000, priority: 3 });
    await schedules.disable("s");
    await schedules.enable("s");
    const jobId = await schedules.runNow("s");
    await schedules.delete("s");

    const by = "ada by admin page";
    const state = { id, schedule: "s" };
    expect(await recorded()).toMatchObject([
      {
        by,
        action: "schedules.create",
        filter: { schedule: { name: "s", cron: yearly.cron } },
        changed: 1,
        before: [state],
      },
      {
        by,
        action: "schedules.update",
        filter: { name: "s", patch: { everyMs: 90_000, priority: 3 } },
        before: [{ ...state, cron: yearly.cron, everyMs: null, anchor: null, priority: 0 }],
      },
      { by, action: "schedules.disable", filter: { name: "s" }, before: [{ ...state, enabled: true }] },
      { by, action: "schedules.enable", filter: { name: "s" }, before: [{ ...state, enabled: false }] },
      { by, action: "schedules.runNow", filter: { name: "s" }, before: [state] },
      { by, action: "schedules.delete", before: [{ ...state, everyMs: 90_000, payload: { n: 1 } }] },
    ]);
    expect((await createQueue(pool).get(jobId)).state).toBe("queued");
  });

  test("a command that is refused, or changes nothing, records nothing and leaves nothing", async () => {
    const schedules = createSchedules(pool, { audit });
    await createSchedules(pool).create({ ...yearly, name: "taken" });

    await expect(schedules.create({ ...yearly, name: "taken" })).rejects.toMatchObject({
      code: "SCHEDULE_NAME_TAKEN",
    });
    expect(await schedules.ensure({ ...yearly, name: "taken" })).toBe("exists");
    await expect(schedules.update("taken", { cron: "61 * * * *" })).rejects.toMatchObject({
      code: "INVALID_CRON",
    });
    await expect(schedules.delete("nobody")).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND" });

    expect(await recorded()).toEqual([]);
  });
});

test("a change whose record cannot be written is rolled back", async () => {
  const schedules = createSchedules(pool, { audit });
  const { id } = await createSchedules(pool).create({ ...yearly, name: "kept" });
  await pool.query("ALTER TABLE millrace.audit_log ADD CONSTRAINT test_check CHECK (who <> 'ada')");

  const refused = [schedules.disable("kept"), schedules.runNow("kept"), schedules.delete("kept")];
  const results = await Promise.allSettled(refused);
  await pool.query("ALTER TABLE millrace.audit_log DROP CONSTRAINT test_check");

  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(await schedules.get("kept")).toMatchObject({ enabled: true });
  expect(await jobsOf(pool, id)).toEqual([]);
});

test("a database on which no transaction can be begun is refused with audit", async () => {
  const client = await pool.connect();

  expect(() => createSchedules(client, { audit })).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", option: "audit" }),
  );
  client.release();
});

test("without audit, nothing is recorded", async () => {
  await createSchedules(pool).create({ ...yearly, name: "s" });
  await createSchedules(pool).delete("s");

  expect(await recorded()).toEqual([]);
});
