import { type ConnectionPool, createQueue, isTransient, type Queue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createScheduler, createSchedules, type SchedulerEvent, tickKey } from "../src/index.ts";
import { hurry } from "./hurry.ts";
import { insertScheduleRow, jobsOf, scheduleRow } from "./insert-schedule-row.ts";

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

test("a scheduler that is frozen in its transaction loses its schedules, and their tick makes one job", async () => {
  const id = await insertScheduleRow(pool, "held", { cron: "0 0 1 1 *" });
  const frozen = Promise.withResolvers<void>();
  const thawed = Promise.withResolvers<void>();
  const first = createScheduler({
    pool,
    queue: {
      async enqueueMany(jobs, options) {
        await hurry(options?.tx, "idle_in_transaction_session_timeout");
        frozen.resolve();
        await thawed.promise;
        return queue.enqueueMany(jobs, options);
      },
    },
  }).tickOnce();
  await frozen.promise;

  const healthy = createScheduler({ pool, queue });
  await waitFor(async () => (await healthy.tickOnce()).ticks.length === 1, {
    description: "the tick to be another scheduler's",
  });
  thawed.resolve();

  // What PostgreSQL said, or what the system says of a connection that was closed before that was read.
  await expect(first).rejects.toSatisfy(isTransient);
  expect(await jobsOf(pool, id)).toHaveLength(1);
});

test.each([
  ["lock_timeout", "55P03"],
  ["statement_timeout", "57014"],
])(
  "a tick that a lock keeps beyond its %s fails alone, the rest of its batch fires, and it fires when the lock goes",
  async (setting, code) => {
    const at = "date_trunc('minute', now())";
    const blocked = await insertScheduleRow(pool, "blocked", { cron: "0 0 1 1 *", nextRunAt: at });
    const free = await insertScheduleRow(pool, "free", { cron: "0 0 1 1 *", nextRunAt: at });
    const { next_run_at: tickAt } = await scheduleRow(pool, blocked);
    const holder = await pool.connect();
    let held = true;
    await holder.query("BEGIN");
    await queue.enqueue("t", {}, { idempotencyKey: tickKey(blocked, tickAt as Date), tx: holder });
    const scheduler = createScheduler({
      pool,
      queue: {
        async enqueueMany(jobs, options) {
          // Only what is kept waiting: a machine with other work must not make the others late.
          if (held && jobs.some((job) => job.scheduleId === blocked)) await hurry(options?.tx, setting);
          return queue.enqueueMany(jobs, options);
        },
      },
    });

    const during = await scheduler.tickOnce();
    await holder.query("ROLLBACK");
    holder.release();
    held = false;
    const after = await scheduler.tickOnce();

    expect(during.ticks.map((tick) => tick.scheduleId)).toEqual([free]);
    expect(during.failures).toMatchObject([{ scheduleId: blocked, error: { code } }]);
    expect(after.ticks.map((tick) => tick.scheduleId)).toEqual([blocked]);
  },
);

test("a job that is committed once the schedule is locked keeps a tick with overlap skip from making one", async () => {
  const id = await insertScheduleRow(pool, "overlapping", { cron: "0 0 1 1 *", overlap: "skip" });
  const isLocked = async () => {
    const unlocked = "SELECT FROM millrace.job_schedules WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED";
    return (await pool.query(unlocked, [id])).rowCount === 0;
  };
  let jobId: string | undefined;
  const between = async () => {
    if (jobId === undefined && (await isLocked())) jobId = await createSchedules(pool).runNow("overlapping");
  };
  const events: SchedulerEvent[] = [];

  await createScheduler({
    pool: poolThatCalls(between),
    queue,
    onEvent: (event) => events.push(event),
  }).tickOnce();

  expect(events.map((event) => event.kind)).toEqual(["overlap-skipped"]);
  expect((await jobsOf(pool, id)).map((job) => job["id"])).toEqual([jobId]);
});

/** The pool, which calls `between` before each statement. */
function poolThatCalls(between: () => Promise<void>): ConnectionPool {
  return {
    connect: (callback) =>
      pool.connect((error, client) => {
        if (client === undefined) return callback(error, undefined);
        callback(undefined, {
          async query(statement) {
            await between();
            return client.query(statement);
          },
          on: (event, listener) => client.on(event, listener),
          off: (event, listener) => client.off(event, listener),
          release: (destroy) => client.release(destroy),
        });
      }),
  };
}
