import { createQueue, type Queue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  type ConnectionPool,
  createScheduler,
  createSchedules,
  type SchedulerEvent,
  type SchedulerOptions,
} from "../src/index.ts";
import { handClock } from "./hand-clock.ts";
import { insertScheduleRow, jobsOf, makeDue } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 10 });
  // An idle connection that is cut on purpose is no finding.
  pool.on("error", () => undefined);
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query("DELETE FROM millrace.job_schedules");
});

function started(options: Partial<SchedulerOptions> = {}) {
  const hand = handClock();
  const events: SchedulerEvent[] = [];
  const scheduler = createScheduler({
    pool,
    queue,
    clock: hand.clock,
    onEvent: (event) => events.push(event),
    ...options,
  });
  scheduler.start();
  onTestFinished(() => scheduler.stop());
  return { scheduler, events, hand };
}

/** Ends the connections that are in a transaction, and waits until they are gone. */
async function cutTransactions(): Promise<void> {
  const open = "FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'";
  await waitFor(async () => (await pool.query(`SELECT pg_terminate_backend(pid) ${open}`)).rowCount === 0, {
    description: "the connections to be gone",
  });
}

describe("a running scheduler", () => {
  test("looks at once, and then sleeps for 15 s at most", async () => {
    const { hand } = started();

    await hand.turn();

    expect(hand.waits).toEqual([0, 15_000]);
  });

  test("wakes earlier for the next due schedule, by the database's clock", async () => {
    await insertScheduleRow(pool, "soon", { cron: "0 0 1 1 *", nextRunAt: "now() + interval '14 seconds'" });
    const { hand } = started();

    await hand.turn();

    const [, wait = 0] = hand.waits;
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(14_000);
  });

  test("fires what came due while it slept", async () => {
    const id = await insertScheduleRow(pool, "later", {
      cron: "0 0 1 1 *",
      nextRunAt: "now() + interval '1 hour'",
    });
    const { hand } = started();
    await hand.turn();
    await makeDue(pool, id, "now()");

    await hand.turn();

    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("is not kept awake by a disabled schedule, nor by one that cannot tick", async () => {
    await insertScheduleRow(pool, "off", { enabled: false });
    await insertScheduleRow(pool, "bad", { cron: "not a cron" });
    await insertScheduleRow(pool, "bad-null", { cron: "not a cron", nextRunAt: "NULL" });
    const { hand, events } = started();

    await hand.turn();
    await hand.turn();

    expect(hand.waits).toEqual([0, 15_000, 15_000]);
    expect(events.map((event) => event.kind)).toEqual(["started", "schedule-failed", "schedule-failed"]);
  });

  test("looks again soon, but not in a hot loop, at what another transaction holds", async () => {
    const id = await insertScheduleRow(pool, "held");
    const holder = await pool.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT FROM millrace.job_schedules WHERE id = $1 FOR UPDATE", [id]);
    const { hand } = started();

    await hand.turn();
    await holder.query("ROLLBACK");
    holder.release();
    await hand.turn();

    expect(hand.waits.slice(0, 2)).toEqual([0, 100]);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("is not held up by a job of the schedule that another transaction inserts", async () => {
    const id = await insertScheduleRow(pool, "referenced");
    const holder = await pool.connect();
    await holder.query("BEGIN");
    await queue.enqueue("t", {}, { scheduleId: id, tx: holder });

    const { ticks } = await createScheduler({ pool, queue }).tickOnce();
    await holder.query("ROLLBACK");
    holder.release();

    expect(ticks).toHaveLength(1);
  });

  test("looks again at once at what came due while it fired", async () => {
    const first = await insertScheduleRow(pool, "first", { cron: "0 0 1 1 *" });
    const second = await insertScheduleRow(pool, "second", { nextRunAt: "now() + interval '1 hour'" });
    let fired = false;
    const { hand } = started({
      queue: {
        async enqueueMany(jobs, options) {
          // The round's own look for what is due is over: this one is found by the next.
          if (!fired) await makeDue(pool, second, "now()");
          fired = true;
          return queue.enqueueMany(jobs, options);
        },
      },
    });

    await hand.turn();
    await hand.turn();

    expect(hand.waits.slice(0, 2)).toEqual([0, 0]);
    expect([(await jobsOf(pool, first)).length, (await jobsOf(pool, second)).length]).toEqual([1, 1]);
  });

  test("tells of a database that is away, waits longer each time, and goes on when it is back", async () => {
    const id = await insertScheduleRow(pool, "outage", { cron: "0 0 1 1 *" });
    let away = true;
    const flaky: ConnectionPool = {
      connect(callback) {
        if (!away) return pool.connect(callback);
        callback(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }), undefined);
      },
    };
    const { hand, events } = started({ pool: flaky });

    await hand.turn();
    await hand.turn();
    away = false;
    await hand.turn();

    expect(events.filter((event) => event.kind === "error")).toMatchObject([
      { retryInMs: 1_500, error: { code: "ECONNREFUSED" } },
      { retryInMs: 2_500, error: { code: "ECONNREFUSED" } },
    ]);
    expect(hand.waits.slice(0, 3)).toEqual([0, 1_500, 2_500]);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("survives a connection that is cut in the middle of a tick, and the tick makes one job", async () => {
    const id = await insertScheduleRow(pool, "cut", { cron: "0 0 1 1 *" });
    let cut = false;
    const { hand, events } = started({
      queue: {
        async enqueueMany(jobs, options) {
          const results = await queue.enqueueMany(jobs, options);
          if (!cut) {
            cut = true;
            await cutTransactions();
          }
          return results;
        },
      },
    });

    await hand.turn();
    await hand.turn();

    expect(events.map((event) => event.kind)).toEqual(["started", "error", "tick"]);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("stop sets no further timer, waits for the batch under way, and may be called again", async () => {
    const id = await insertScheduleRow(pool, "stopping");
    let stopping: Promise<void> | undefined;
    const { scheduler, hand, events } = started({
      queue: {
        enqueueMany(jobs, options) {
          stopping = scheduler.stop();
          return queue.enqueueMany(jobs, options);
        },
      },
    });

    hand.fire();
    await waitFor(() => stopping !== undefined, { description: "the batch" });
    await scheduler.stop();

    expect(await jobsOf(pool, id)).toHaveLength(1);
    expect(events.at(-1)).toEqual({ kind: "stopped" });
    expect(hand.idle).toBe(true);
    expect(() => scheduler.start()).toThrow("`start` was called on a scheduler that was stopped.");
  });

  test("with the real clock fires every second", async () => {
    const { id } = await createSchedules(pool).create({ name: "seconds", jobType: "t", cron: "* * * * * *" });
    const scheduler = createScheduler({ pool, queue });
    scheduler.start();
    onTestFinished(() => scheduler.stop());

    const jobs = await waitFor(
      async () => {
        const found = await jobsOf(pool, id);
        return found.length >= 3 && found;
      },
      { description: "three ticks" },
    );

    const keys = jobs.map((job) => String(job["idempotency_key"]));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => key.endsWith(".000Z"))).toBe(true);
  });

  test.each([99, 15_001, 1.5])("tickMs %d is refused", (tickMs) => {
    expect(() => createScheduler({ pool, queue, tickMs })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "tickMs" }),
    );
  });
});
