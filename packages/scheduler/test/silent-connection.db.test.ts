import { createQueue, NoAnswerError, type Queue } from "@millrace/queue";
import { startProxy, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createScheduler, type SchedulerEvent } from "../src/index.ts";
import { handClock } from "./hand-clock.ts";
import { insertScheduleRow, jobsOf } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query("DELETE FROM millrace.job_schedules");
});

/** A scheduler at rest, on a pool whose connections go through a proxy. */
async function restingBehindProxy() {
  const proxy = await startProxy(new URL(database.url));
  const through = new pg.Pool({ connectionString: proxy.url, max: 2, idleTimeoutMillis: 0 });
  const hand = handClock();
  const events: SchedulerEvent[] = [];
  const scheduler = createScheduler({
    pool: through,
    queue,
    clock: hand.clock,
    onEvent: (event) => events.push(event),
  });
  scheduler.start();
  await hand.turn();
  return {
    ...{ scheduler, hand, events, through },
    /** Begins a look whose first statement gets no answer. */
    async lookInSilence() {
      proxy.stall("BEGIN");
      hand.fire();
      // Lent, so that what is awaited is no connection but an answer.
      await waitFor(() => through.idleCount === 0 && hand.awaited === 1, {
        description: "a statement to be under way",
      });
    },
    async [Symbol.asyncDispose]() {
      await scheduler.stop();
      await through.end();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

describe("a scheduler whose connection goes silent", () => {
  test("tells of it, replaces the connection, and fires the tick at its next look", async () => {
    await using silent = await restingBehindProxy();
    const { hand, events, through, lookInSilence } = silent;
    const id = await insertScheduleRow(pool, "unheard", { cron: "0 0 1 1 *" });
    await lookInSilence();

    hand.giveUpAnswers();
    await waitFor(() => !hand.idle, { description: "the next look to be planned" });
    const connections = through.totalCount;
    await hand.turn();

    expect(events).toMatchObject([
      { kind: "started" },
      { kind: "error", error: expect.any(NoAnswerError), retryInMs: 1_500 },
      { kind: "tick", scheduleId: id },
    ]);
    expect(connections).toBe(0);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("stops after 5 s, and closes it", async () => {
    await using silent = await restingBehindProxy();
    const { scheduler, hand, events, through, lookInSilence } = silent;
    await lookInSilence();

    const stopped = scheduler.stop();
    hand.fire();
    await stopped;

    expect(hand.waits.at(-1)).toBe(5_000);
    expect(events.map((event) => event.kind)).toEqual(["started", "error", "stopped"]);
    expect([through.totalCount, hand.awaited, hand.idle]).toEqual([0, 0, true]);
  });

  test("and whose pool then lends none tells of it, and goes on when it does", async () => {
    await using silent = await restingBehindProxy();
    const { hand, events, through } = silent;
    const id = await insertScheduleRow(pool, "crowded", { cron: "0 0 1 1 *" });
    const others = [await through.connect(), await through.connect()];

    hand.fire();
    await waitFor(() => through.waitingCount === 1, {
      description: "the scheduler to wait for a connection",
    });
    hand.giveUpAnswers();
    await waitFor(() => !hand.idle, { description: "the next look to be planned" });
    for (const other of others) other.release();
    await hand.turn();

    expect(events.map((event) => event.kind)).toEqual(["started", "error", "tick"]);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });
});
