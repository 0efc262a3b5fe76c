import { inPoolTransaction } from "@millrace/base";
import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createScheduler, createSchedules, type SchedulerEvent, tickKey } from "../src/index.ts";
import { advanceSchedules } from "../src/store/advance-schedules.ts";
import { lockDueSchedules } from "../src/store/lock-due-schedules.ts";
import { insertScheduleRow, jobsOf, scheduleRow } from "./insert-schedule-row.ts";

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

describe("a due schedule", () => {
  test("gives its job the time-out that the scheduler has for the schedule's name, and no other job", async () => {
    const limited = await insertScheduleRow(pool, "limited");
    const other = await insertScheduleRow(pool, "constructor");

    await createScheduler({ pool, queue, jobTimeoutMs: { limited: 20_000 } }).tickOnce();

    const [job] = await jobsOf(pool, limited);
    expect(job?.["settings"]).toMatchObject({ timeoutMs: 20_000 });
    const [otherJob] = await jobsOf(pool, other);
    expect(otherJob?.["settings"]).not.toHaveProperty("timeoutMs");
  });

  test("makes a job with its key, type, queue, payload, priority and attempts, and moves on", async () => {
    const id = await insertScheduleRow(pool, "all-fields");
    const before = await scheduleRow(pool, id);
    const future = await insertScheduleRow(pool, "future", { nextRunAt: "now() + interval '1 hour'" });
    const tickAt = before["next_run_at"] as Date;
    const { tickOnce, events } = scheduler();

    const result = await tickOnce();

    const jobs = await jobsOf(pool, id);
    expect(jobs).toEqual([
      expect.objectContaining({
        type: "t",
        queue: "lane",
        payload: { n: 1 },
        priority: 7,
        max_attempts: 5,
        state: "queued",
        idempotency_key: tickKey(id, tickAt),
        tick_at: tickAt,
      }),
    ]);
    const tick = {
      scheduleId: id,
      scheduleName: "all-fields",
      tickAt,
      jobId: jobs[0]?.["id"],
      outcome: "enqueued",
    };
    expect(result).toEqual({ ticks: [tick], failures: [] });
    expect(events).toEqual([{ kind: "tick", ...tick }]);
    expect(await scheduleRow(pool, id)).toMatchObject({ ahead: true, last_run_at: tickAt, runs: 1 });
    expect(await jobsOf(pool, future)).toEqual([]);
  });

  test("fires once however often it is looked at, also after a restart", async () => {
    const id = await insertScheduleRow(pool, "restart", { cron: "0 0 1 1 *" });

    await scheduler().tickOnce();
    await scheduler().tickOnce();

    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("whose tick has made its job already makes no second one, and says so", async () => {
    const id = await insertScheduleRow(pool, "repeated", { cron: "0 0 1 1 *" });
    const { next_run_at: tickAt } = await scheduleRow(pool, id);
    await scheduler().tickOnce();
    await pool.query("UPDATE millrace.job_schedules SET next_run_at = $2 WHERE id = $1", [id, tickAt]);

    const result = await scheduler().tickOnce();

    expect(result.ticks).toMatchObject([
      { outcome: "duplicate", jobId: (await jobsOf(pool, id))[0]?.["id"] },
    ]);
    expect(await jobsOf(pool, id)).toHaveLength(1);
    expect((await scheduleRow(pool, id))["ahead"]).toBe(true);
  });

  test("without a next_run_at gets one from now, and fires nothing", async () => {
    const id = await insertScheduleRow(pool, "null", { nextRunAt: "NULL" });
    const minusInfinity = await insertScheduleRow(pool, "-infinity", { nextRunAt: "'-infinity'" });

    const result = await scheduler().tickOnce();

    expect(result).toEqual({ ticks: [], failures: [] });
    expect(await scheduleRow(pool, id)).toMatchObject({ ahead: true, last_run_at: null });
    expect(await scheduleRow(pool, minusInfinity)).toMatchObject({ ahead: true, last_run_at: null });
  });

  test("is found among more than one batch holds", async () => {
    await pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, next_run_at)
       SELECT 'many-' || n, 't', '0 0 1 1 *', now() FROM generate_series(1, 250) AS n`,
    );

    const { ticks } = await scheduler().tickOnce();

    expect(new Set(ticks.map((tick) => tick.scheduleName)).size).toBe(250);
  });

  test("makes no job when the transaction cannot commit, and is still due", async () => {
    const id = await insertScheduleRow(pool, "rolled-back");
    const failing = createScheduler({
      pool,
      queue: {
        async enqueueMany(jobs, options) {
          await queue.enqueueMany(jobs, options);
          throw new Error("after the insert");
        },
      },
    });

    const result = await failing.tickOnce();

    expect(result.failures).toMatchObject([{ scheduleId: id, error: { message: "after the insert" } }]);
    expect(await jobsOf(pool, id)).toEqual([]);
    expect((await scheduleRow(pool, id))["ahead"]).toBe(false);
  });
});

describe("two schedulers", () => {
  test("that hold the same tick at once make one job", async () => {
    const id = await insertScheduleRow(pool, "both", { cron: "0 0 1 1 *" });
    let enter = () => {};
    const entered = new Promise<void>((resolve) => {
      enter = resolve;
    });
    let leave = () => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const slow = createScheduler({
      pool,
      queue: {
        async enqueueMany(jobs, options) {
          enter();
          await left;
          return queue.enqueueMany(jobs, options);
        },
      },
    });

    const first = slow.tickOnce();
    await entered;
    const second = await scheduler().tickOnce();
    leave();

    expect(second.ticks).toEqual([]);
    expect((await first).ticks).toHaveLength(1);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("that read the same tick without any lock make one job: only one advances it", async () => {
    await insertScheduleRow(pool, "unlocked");
    const read = async () => (await lockDueSchedules(pool, { limit: 1, exclude: [] }))[0];
    const readByBoth = [await read(), await read()];

    const advanced = [];
    for (const schedule of readByBoth) {
      if (schedule === undefined) throw new Error("the schedule is due for both");
      const nextRunAt = new Date(schedule.now.getTime() + 60_000);
      const { id, nextRunRead } = schedule;
      advanced.push(
        (await advanceSchedules(pool, [{ id, nextRunRead, nextRunAt, lastRunAt: null, fired: 1 }])).size,
      );
    }

    expect(advanced).toEqual([1, 0]);
  });

  test("running freely on many schedules make one job per schedule", async () => {
    await pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, next_run_at)
       SELECT 'free-' || n, 'free', '0 0 1 1 *', date_trunc('minute', now()) FROM generate_series(1, 150) AS n`,
    );

    const results = await Promise.all([
      scheduler().tickOnce(),
      scheduler().tickOnce(),
      scheduler().tickOnce(),
    ]);
    // A batch that another held was skipped: what one left, none leaves.
    const rest = await scheduler().tickOnce();

    const { rows } = await pool.query(
      `SELECT count(*)::int AS jobs, count(DISTINCT schedule_id)::int AS schedules
       FROM millrace.jobs WHERE type = 'free'`,
    );
    expect(rows).toEqual([{ jobs: 150, schedules: 150 }]);
    expect([...results, rest].flatMap((result) => result.ticks)).toHaveLength(150);
  });
});

describe("a schedule disabled between read and tick", () => {
  test("does not fire: the advance asks again whether it is enabled", async () => {
    const id = await insertScheduleRow(pool, "disabled-after-read");
    const bystander = await insertScheduleRow(pool, "bystander");
    const read = await lockDueSchedules(pool, { limit: 10, exclude: [] });

    await pool.query("UPDATE millrace.job_schedules SET enabled = false WHERE id = $1", [id]);
    const advanced = await advanceSchedules(
      pool,
      read.map(({ id, nextRunRead, now }) => ({ id, nextRunRead, nextRunAt: now, lastRunAt: now, fired: 1 })),
    );

    expect([...advanced]).toEqual([bystander]);
    expect((await scheduleRow(pool, id))["last_run_at"]).toBeNull();
  });

  test("does not fire while the disabling is not committed yet, nor after", async () => {
    const id = await insertScheduleRow(pool, "disabling");

    const during = await inPoolTransaction({ pool }, async (db) => {
      await createSchedules(db).disable(id);
      return scheduler().tickOnce();
    });
    const after = await scheduler().tickOnce();

    expect([...during.ticks, ...after.ticks]).toEqual([]);
    expect(await jobsOf(pool, id)).toEqual([]);
  });

  test("fires no more than the tick that was under way: disabling waits for it", async () => {
    const id = await insertScheduleRow(pool, "under-way");
    const schedules = createSchedules(pool);
    let disabling: Promise<unknown> | undefined;
    const disablesMeanwhile = createScheduler({
      pool,
      queue: {
        enqueueMany(jobs, options) {
          disabling = schedules.disable(id);
          return queue.enqueueMany(jobs, options);
        },
      },
    });

    await disablesMeanwhile.tickOnce();
    await disabling;
    await scheduler().tickOnce();

    expect(await jobsOf(pool, id)).toHaveLength(1);
    expect(await scheduleRow(pool, id)).toMatchObject({ enabled: false, next_run_at: null });
  });
});
