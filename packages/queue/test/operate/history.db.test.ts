import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type HistoryPoint, type Queue } from "../../src/index.ts";
import { NOTHING } from "../minutes-of.ts";
import { type OpenTransaction, openTransaction } from "../open-transaction.ts";
import { tuplesRead } from "../tuples-read.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query("TRUNCATE millrace.queue_minutes");
});

/** A queue in a transaction, in which the time stands still. */
async function standingQueue(): Promise<{ queue: Queue; transaction: OpenTransaction } & AsyncDisposable> {
  const transaction = await openTransaction(pool);
  return {
    queue: createQueue(transaction.client),
    transaction,
    [Symbol.asyncDispose]: () => transaction[Symbol.asyncDispose](),
  };
}

/** Writes a row of `minutesAgo`, counted from the begin of the current step of so many seconds. */
async function write(
  { client }: OpenTransaction,
  minutesAgo: number,
  { queue = "a", step = 60, ...columns }: { queue?: string; step?: number } & Record<string, unknown>,
): Promise<void> {
  const names = Object.keys(columns);
  await client.query(
    `INSERT INTO millrace.queue_minutes (minute, queue${names.map((name) => `, ${name}`).join("")})
     VALUES (to_timestamp(floor(extract(epoch FROM now()) / $2) * $2) - $1 * interval '1 minute', $3
             ${names.map((_, at) => `, $${at + 4}`).join("")})`,
    [minutesAgo, step, queue, ...Object.values(columns)],
  );
}

const EMPTY = { ...NOTHING, due: null, running: null, oldestDueMs: null };

const isEmpty = ({ at: _, ...point }: HistoryPoint) => JSON.stringify(point) === JSON.stringify(EMPTY);

describe("history", () => {
  test.each([
    [1, 60_000, 60],
    [3, 60_000, 180],
    [24, 300_000, 288],
    [168, 3_600_000, 168],
  ])("of %i hours has equal steps of %i ms, which end with the current one", async (hours, stepMs, count) => {
    await using standing = await standingQueue();
    const { rows } = await standing.transaction.client.query("SELECT now() AS now");
    const now = (rows[0].now as Date).getTime();

    const history = await standing.queue.history({ hours });

    expect(history.stepMs).toBe(stepMs);
    expect(history.points).toHaveLength(count);
    const last = Math.floor(now / stepMs) * stepMs;
    expect(history.points.map(({ at }) => at.getTime())).toEqual(
      Array.from({ length: count }, (_, n) => last - (count - 1 - n) * stepMs),
    );
    expect(history.points.every(isEmpty)).toBe(true);
  });

  test("has each count in its step, and zeros where no row is", async () => {
    await using standing = await standingQueue();
    const { queue, transaction } = standing;
    await write(transaction, 0, { completed: 1, failed: 2, canceled: 3, retried: 4, crashed: 5, refused: 6 });
    await write(transaction, 59, { completed: 9 });
    await write(transaction, 60, { completed: 100 });

    const { points } = await queue.history();

    const counts = { completed: 1, failed: 2, canceled: 3, retried: 4, crashed: 5, refused: 6 };
    expect(points.at(-1)).toEqual({ ...EMPTY, ...counts, at: expect.any(Date) });
    expect(points[0]).toEqual({ ...EMPTY, completed: 9, at: expect.any(Date) });
    expect(points.slice(1, -1).every(isEmpty)).toBe(true);
  });

  test("adds the counts of a step, and has the greatest depth of its minutes", async () => {
    await using standing = await standingQueue();
    const { queue, transaction } = standing;
    const step = 300;
    await write(transaction, 10, { step, completed: 1, due: 5, running: 1, oldest_due_ms: 900 });
    await write(transaction, 9, { step, completed: 2, due: 3, running: 4, oldest_due_ms: 100 });
    await write(transaction, 9, { step, queue: "b", completed: 4, due: 4, running: 0 });
    await write(transaction, 6, { step, completed: 8 });
    await write(transaction, 5, { step, completed: 100 });

    const all = (await queue.history({ hours: 24 })).points;
    const one = (await queue.history({ hours: 24, queue: "a" })).points;

    expect(all.at(-3)).toMatchObject({ completed: 15, due: 7, running: 4, oldestDueMs: 900 });
    expect(one.at(-3)).toMatchObject({ completed: 11, due: 5, running: 4, oldestDueMs: 900 });
    expect(all.at(-2)).toMatchObject({ completed: 100, due: null });
    expect((await queue.history({ hours: 24, queue: "none" })).points.every(isEmpty)).toBe(true);
  });

  test("reads the rows of its time by the primary key", async () => {
    await pool.query(
      `INSERT INTO millrace.queue_minutes (minute, queue, completed)
       SELECT date_trunc('minute', now()) - n * interval '1 minute', 'q' || q, 1
       FROM generate_series(0, 2999) AS n, generate_series(1, 4) AS q`,
    );
    await pool.query("ANALYZE millrace.queue_minutes");
    await using standing = await standingQueue();
    const { queue, transaction } = standing;

    const before = await tuplesRead(transaction, "queue_minutes");

    const { points } = await queue.history({ hours: 1 });

    expect(points.reduce((sum, { completed }) => sum + completed, 0)).toBe(4 * 60);
    expect((await tuplesRead(transaction, "queue_minutes")) - before).toBeLessThanOrEqual(4 * 61);
  });

  test.each([{ hours: 0 }, { hours: 169 }, { hours: 1.5 }, { queue: "" }, { hour: 1 }])(
    "refuses %j",
    async (options) => {
      await expect(createQueue(pool).history(options as object)).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
    },
  );
});

describe("what happened lately", () => {
  test("is told of each queue for the last hour, and of all queues for so many minutes", async () => {
    await using standing = await standingQueue();
    const { queue, transaction } = standing;
    await write(transaction, 0, { completed: 1, crashed: 1 });
    await write(transaction, 59, { completed: 10 });
    await write(transaction, 60, { completed: 100 });
    await write(transaction, 9, { queue: "b", failed: 2 });
    await write(transaction, 10, { queue: "b", failed: 20 });

    expect(await queue.lastHour()).toEqual(
      new Map([
        ["a", { ...NOTHING, completed: 11, crashed: 1 }],
        ["b", { ...NOTHING, failed: 22 }],
      ]),
    );
    expect(await queue.lately({ minutes: 10 })).toEqual({ ...NOTHING, completed: 1, crashed: 1, failed: 2 });
    expect(await queue.lately({ minutes: 1 })).toEqual({ ...NOTHING, completed: 1, crashed: 1 });
  });

  test.each([{ minutes: 0 }, { minutes: 10_081 }, {}, { minute: 1 }])("refuses %j", async (options) => {
    const call = createQueue(pool).lately(options as { minutes: number });

    await expect(call).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});
