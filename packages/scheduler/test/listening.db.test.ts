import { type Clock, createQueue, type Queue, systemClock } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createScheduler, createSchedules, type SchedulerEvent } from "../src/index.ts";
import { insertScheduleRow, jobsOf } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 10 });
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query("DELETE FROM millrace.job_schedules");
});

/** A clock by which the timer of a look that has nothing to wait for never ends. */
function clockWithoutTimer() {
  const state = { resting: false };
  const clock: Clock = {
    ...systemClock,
    after(ms, callback) {
      if (ms !== 15_000) return systemClock.after(ms, callback);
      state.resting = true;
      return () => {
        state.resting = false;
      };
    },
  };
  return {
    clock,
    get resting() {
      return state.resting;
    },
  };
}

describe("a scheduler that listens", () => {
  test("is told of each schedule that is created, changed or enabled, and of none that is disabled", async () => {
    const heard: string[] = [];
    const listener = await pool.connect();
    listener.on("notification", (message) => heard.push(message.payload ?? ""));
    await listener.query("LISTEN millrace_schedules");
    const schedules = createSchedules(pool);

    await schedules.create({ name: "created", jobType: "t", cron: "@daily" });
    await schedules.update("created", { priority: 1 });
    await schedules.disable("created");
    await schedules.enable("created");
    await pool.query("NOTIFY millrace_schedules, 'end'");
    await waitFor(() => heard.at(-1) === "end", { description: "the last notification" });
    listener.release(true);

    expect(heard).toEqual(["", "", "", "end"]);
  });

  test("that hears of a change looks at once, though its timer is far away", async () => {
    const clock = clockWithoutTimer();
    const scheduler = createScheduler({ pool, queue, listenOn: pool, clock: clock.clock });
    scheduler.start();
    onTestFinished(() => scheduler.stop());
    const notified = async (name: string) => {
      await waitFor(() => clock.resting, { description: "the scheduler to rest" });
      const id = await insertScheduleRow(pool, name);
      await pool.query("NOTIFY millrace_schedules");
      await waitFor(async () => (await jobsOf(pool, id)).length === 1, { description: `the job of ${name}` });
    };
    const listening =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";
    await waitFor(async () => (await pool.query(listening)).rowCount === 1, { description: "it to listen" });

    // The look that follows the listening itself may find the first one.
    await notified("first");
    await notified("second");
  });

  test("on the only connection of its pool is refused, and on another pool's only one is not", () => {
    const one = database.pool({ max: 1 });

    expect(() => createScheduler({ pool: one, queue, listenOn: one })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "listenOn" }),
    );
    expect(() => createScheduler({ pool: one, queue, listenOn: pool })).not.toThrow();
    expect(() => createScheduler({ pool, queue, listenOn: one })).not.toThrow();
  });

  test("tells that it cannot listen, and goes on by its timer", async () => {
    const id = await insertScheduleRow(pool, "polled", { cron: "0 0 1 1 *" });
    const events: SchedulerEvent[] = [];
    const deaf = {
      on: () => undefined,
      listeners: () => [],
      connect: (callback: (error: Error | undefined, client: undefined) => void) =>
        callback(new Error("no session"), undefined),
    };
    const scheduler = createScheduler({
      pool,
      queue,
      listenOn: deaf,
      onEvent: (event) => events.push(event),
    });
    scheduler.start();
    onTestFinished(() => scheduler.stop());

    // By kind, not by number: it tries to listen again every second, so the second error may come before the tick.
    const told = (kind: SchedulerEvent["kind"]) => events.some((event) => event.kind === kind);
    await waitFor(() => told("listen-error") && told("tick"), { description: "an error and a tick" });

    expect(await jobsOf(pool, id)).toHaveLength(1);
  });
});
