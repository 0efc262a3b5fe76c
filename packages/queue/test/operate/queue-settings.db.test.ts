import { randomUUID } from "node:crypto";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue, type QueueSettings } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const ALL: QueueSettings = {
  backoff: { baseMs: 1_000, capMs: 60_000, jitterMs: 0 },
  timeoutMs: 5_000,
  retentionMs: 0,
  deadLetter: { type: "mourn", queue: "dead" },
};

const statusOf = async (name: string) => (await queue.queues()).find((each) => each.queue === name);

describe("the settings of a queue", () => {
  test("are set as a whole, read, and shown by queues(), also without jobs", async () => {
    const name = randomUUID();
    expect(await queue.queueSettings(name)).toBeNull();

    await queue.setQueue(name, ALL);
    expect(await queue.queueSettings(name)).toEqual(ALL);
    expect(await statusOf(name)).toMatchObject({ settings: ALL, pausedAt: null, due: 0 });

    await queue.setQueue(name, { timeoutMs: 1 });
    expect(await queue.queueSettings(name)).toEqual({ timeoutMs: 1 });
  });

  test("are removed by null and by an empty object, and leave no row behind where there was none", async () => {
    const [name, never] = [randomUUID(), randomUUID()];
    await queue.setQueue(never, null);
    for (const none of [null, {}, { backoff: {} }, { deadLetter: null }]) {
      await queue.setQueue(name, ALL);
      await queue.setQueue(name, none);
      expect(await queue.queueSettings(name)).toBeNull();
      expect(await statusOf(name)).toBeUndefined();
    }

    const { rows } = await pool.query("SELECT FROM millrace.job_queues WHERE name = $1", [never]);
    expect(rows).toEqual([]);
  });

  test("stay when the queue is paused and resumed, and a pause stays when they are set", async () => {
    const name = randomUUID();
    await queue.pause(name);
    await queue.setQueue(name, ALL);
    expect(await statusOf(name)).toMatchObject({ settings: ALL, pausedAt: expect.any(Date) });

    expect(await queue.resume(name)).toBe(true);
    expect(await statusOf(name)).toMatchObject({ settings: ALL, pausedAt: null });

    await queue.pause(name);
    await queue.setQueue(name, null);
    expect(await statusOf(name)).toMatchObject({ settings: null, pausedAt: expect.any(Date) });
  });

  test("of other queues with jobs are null", async () => {
    const name = randomUUID();
    await queue.enqueue("t", {}, { queue: name });

    expect(await statusOf(name)).toMatchObject({ settings: null, due: 1 });
  });
});
