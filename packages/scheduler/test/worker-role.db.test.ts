import { createQueue, defineTask } from "@millrace/queue";
import { migrateRoles } from "@millrace/schema/migrations";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createScheduler, createSchedules, defineSchedule, reconcileSchedules } from "../src/index.ts";
import { insertScheduleRow, jobsOf } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let asWorker: pg.Pool;

beforeAll(async () => {
  pool = database.pool();
  await migrateRoles(pool);
  asWorker = database.pool({ options: "-c role=millrace_worker" });
});

beforeEach(async () => {
  await pool.query("TRUNCATE millrace.job_schedules CASCADE");
});

test("a scheduler with the role of workers ticks, and records the tick", async () => {
  const id = await insertScheduleRow(pool, "due");
  const queue = createQueue(asWorker);
  const failures: unknown[] = [];
  const onEvent = (event: { kind: string }) => void (event.kind === "error" && failures.push(event));
  const scheduler = createScheduler({ pool: asWorker, queue, onEvent });

  await scheduler.tickOnce();
  await scheduler.stop();

  expect(failures).toEqual([]);
  expect(await jobsOf(pool, id)).toHaveLength(1);
  expect(await createSchedules(asWorker).ticks("due")).toMatchObject([{ outcome: "enqueued" }]);
});

test("the role of workers may declare schedules, and create and change them", async () => {
  const payload = {
    "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
  } as const;
  const task = defineTask({ name: "t", payload, run: () => undefined });
  const declared = defineSchedule({ name: "declared", task, payload: {}, cron: "0 3 * * *" });
  const schedules = createSchedules(asWorker);

  expect((await reconcileSchedules(asWorker, [declared])).created).toEqual(["declared"]);
  await schedules.ensure({ name: "default", jobType: "t", cron: "@hourly" });
  await schedules.disable("default");
  await schedules.delete("default");

  expect((await schedules.list()).map(({ name }) => name)).toEqual(["declared"]);
});
