import { createQueue, JsonText, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { createScheduler, createSchedules, type Schedules } from "../src/index.ts";
import { makeDue } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
  schedules = createSchedules(pool);
});

const EXACT = '{"n": 12345678901234567890.123, "one": 1.0}';
const yearly = { jobType: "t", cron: "0 0 1 1 *" };

/** The payloads of the jobs of a schedule, as PostgreSQL writes them. */
async function payloadsOf(scheduleId: string): Promise<(string | null)[]> {
  const jobs = await queue.list({ scheduleId });
  return (await queue.texts(jobs.map(({ id }) => id))).map(({ payload }) => payload);
}

test("the jobs of a schedule have its payload, without a rounded number", async () => {
  const { id } = await schedules.create({ ...yearly, name: "exact", payload: new JsonText(EXACT) });
  await makeDue(pool, id);
  await createScheduler({ pool, queue }).tickOnce();
  await schedules.runNow("exact");

  expect(await payloadsOf(id)).toEqual([EXACT, EXACT]);
});

test("a changed payload is stored without a rounded number", async () => {
  const { id } = await schedules.create({ ...yearly, name: "changed" });
  await schedules.update("changed", { payload: new JsonText(EXACT) });
  await schedules.runNow("changed");

  expect(await payloadsOf(id)).toEqual([EXACT]);
});
