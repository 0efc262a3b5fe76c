import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createScheduler, type SchedulerEvent } from "../src/index.ts";
import { insertScheduleRow, jobsOf, makeDue, scheduleRow } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 20 });
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query("DELETE FROM millrace.job_schedules");
});

/** A scheduler that keeps what it tells. */
function scheduler() {
  const events: SchedulerEvent[] = [];
  return { ...createScheduler({ pool, queue, onEvent: (event) => events.push(event) }), events };
}

describe("a misfire", () => {
  const tenYearsAgo = "date_trunc('year', now(), 'UTC') - interval '10 years'";

  test.each([
    ["latest", 1],
    ["all", 11],
  ] as const)("of eleven ticks, by the policy %s, makes %j jobs", async (misfire, expected) => {
    const id = await insertScheduleRow(pool, misfire, { misfire, nextRunAt: tenYearsAgo });
    const { tickOnce, events } = scheduler();

    await tickOnce();

    const jobs = (await jobsOf(pool, id)).length;
    expect(jobs).toBe(expected);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "misfire", scheduleId: id, policy: misfire, jobs }),
    );
    expect((await scheduleRow(pool, id))["ahead"]).toBe(true);
  });

  test("by the policy skip makes no job, and moves on", async () => {
    const id = await insertScheduleRow(pool, "skip", {
      cron: "0 0 1 1 *",
      misfire: "skip",
      nextRunAt: "now() - interval '2 minutes'",
    });
    const { tickOnce, events } = scheduler();

    await tickOnce();

    expect(await jobsOf(pool, id)).toEqual([]);
    expect(events).toMatchObject([{ kind: "misfire", policy: "skip", jobs: 0 }]);
    expect((await scheduleRow(pool, id))["ahead"]).toBe(true);
  });

  test("is no tick found within a normal beat: skip makes its job", async () => {
    const id = await insertScheduleRow(pool, "beat", {
      cron: "0 0 1 1 *",
      misfire: "skip",
      nextRunAt: "now() - interval '1 second'",
    });
    const { tickOnce, events } = scheduler();

    await tickOnce();

    expect(await jobsOf(pool, id)).toHaveLength(1);
    expect(events.map((event) => event.kind)).toEqual(["tick"]);
  });
});

describe("overlap", () => {
  test.each(["queued", "running"] as const)(
    "skip makes no job while one is %s, and one when it is not",
    async (state) => {
      const id = await insertScheduleRow(pool, state, { overlap: "skip" });
      await scheduler().tickOnce();
      if (state === "running") {
        await queue.runs.claim({ queues: ["lane"], workerId: "w", limit: 1_000, leaseSeconds: 30 });
      }
      await makeDue(pool, id, "now()");
      const { tickOnce, events } = scheduler();

      await tickOnce();
      const whileActive = await jobsOf(pool, id);
      if (state === "queued") {
        await queue.runs.claim({ queues: ["lane"], workerId: "w", limit: 1_000, leaseSeconds: 30 });
      }
      const runs = await queue.list({ scheduleId: id });
      await queue.runs.complete(runs.map(({ id, leaseToken }) => ({ id, leaseToken })));
      await makeDue(pool, id, "now()");
      await tickOnce();

      expect(whileActive).toHaveLength(1);
      expect(events[0]).toMatchObject({ kind: "overlap-skipped", scheduleId: id });
      expect(await jobsOf(pool, id)).toHaveLength(2);
    },
  );

  test("allow makes a job whatever else there is, and skip does not look at other schedules", async () => {
    const allow = await insertScheduleRow(pool, "allow", { overlap: "allow" });
    await scheduler().tickOnce();
    const skip = await insertScheduleRow(pool, "skip", { overlap: "skip" });
    await makeDue(pool, allow, "now()");

    await scheduler().tickOnce();

    expect(await jobsOf(pool, allow)).toHaveLength(2);
    expect(await jobsOf(pool, skip)).toHaveLength(1);
  });
});

describe("a row that cannot tick", () => {
  test.each([
    ["an expression", { cron: "not a cron" }, "INVALID_CRON"],
    ["an expression that never fires", { cron: "0 0 31 2 *" }, "INVALID_CRON"],
    ["a zone", { timezone: "Mars/Olympus" }, "UNKNOWN_TIME_ZONE"],
    ["a job type", { jobType: "" }, "INVALID_JOB"],
  ])(
    "for %s does not stop the others, is told of once, and fires when it is mended",
    async (_, setup, code) => {
      const longAgo = "now() - interval '1 hour'";
      const bad = await insertScheduleRow(pool, "bad", { ...setup, nextRunAt: longAgo });
      const good = await insertScheduleRow(pool, "good", { cron: "0 0 1 1 *" });
      const { tickOnce, events } = scheduler();

      const first = await tickOnce();
      await tickOnce();
      const { next_run_at: nextRunAt, ahead } = await scheduleRow(pool, bad);
      await pool.query(
        "UPDATE millrace.job_schedules SET cron_expr = '0 0 1 1 *', timezone = 'UTC', job_type = 't' WHERE id = $1",
        [bad],
      );
      await tickOnce();

      expect(first.failures).toMatchObject([{ scheduleId: bad, scheduleName: "bad", error: { code } }]);
      expect(events.filter((event) => event.kind === "schedule-failed")).toHaveLength(1);
      expect(await jobsOf(pool, good)).toHaveLength(1);
      expect(ahead).toBe(false);
      expect(nextRunAt).toBeInstanceOf(Date);
      expect(await jobsOf(pool, bad)).toHaveLength(1);
    },
  );
});
