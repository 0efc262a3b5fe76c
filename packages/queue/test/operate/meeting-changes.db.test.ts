import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type EnqueueResult, type JobChange, type Queue } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { untilBlocked } from "../until-blocked.ts";
import { strayRows } from "./job-places.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 12 });
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

const LARGE = { text: "x".repeat(5_000) };
const LARGER = { text: "y".repeat(9_000) };

const KEY = { idempotencyKey: "k", onDuplicate: "replace", delayMs: 3_600_000 } as const;

/**
 * Lets calls meet at the row of a job: each waits, in the order of the calls, until a transaction lets the row go. So
 * each call but the first began before an earlier one wrote.
 */
async function meetingAt(id: string, calls: readonly (() => Promise<unknown>)[]): Promise<unknown[]> {
  await using holder = await openTransaction(pool);
  await holder.client.query("SELECT FROM millrace.waiting_jobs WHERE id = $1 FOR UPDATE", [id]);
  const running: Promise<unknown>[] = [];
  for (const call of calls) {
    running.push(call().catch((error: { code?: string }) => error.code ?? error));
    await untilBlocked(pool, running.length);
  }
  await holder.end("COMMIT");
  return Promise.all(running);
}

describe("calls that meet at one job", () => {
  const changeTo = (id: string, change: JobChange) => () =>
    queue.change(id, change).then((job) => job.payload);

  test.each<[string, JobChange["payload"], JobChange["payload"]]>([
    ["a large payload and a small one", LARGE, 1],
    ["a small payload and a large one", 1, LARGE],
    ["two large payloads", LARGE, LARGER],
  ])("changes to %s leave the payload of the last, and no row of another", async (_name, first, last) => {
    for (const payload of [0, LARGER]) {
      const { id } = await queue.enqueue("t", payload, { delayMs: 3_600_000 });

      const answers = await meetingAt(id, [
        changeTo(id, { payload: first ?? null }),
        changeTo(id, { payload: last ?? null }),
      ]);

      expect(answers).toEqual([first, last]);
      expect([first, last]).toContainEqual((await queue.get(id)).payload);
      expect(await strayRows(pool)).toEqual([]);
    }
  });

  test("three changes of the key leave one key, and free the others", async () => {
    const { id } = await queue.enqueue("t", {}, { idempotencyKey: "k0", delayMs: 3_600_000 });

    await meetingAt(
      id,
      ["k1", "k2", null].map((idempotencyKey) => changeTo(id, { idempotencyKey })),
    );

    const key = (await queue.get(id)).idempotencyKey;
    const { rows } = await pool.query("SELECT key FROM millrace.job_keys");
    expect(rows.map((row) => row.key)).toEqual(key === null ? [] : [key]);
    expect(await strayRows(pool)).toEqual([]);
  });

  test.each([
    ["a large payload and a small one", [LARGE, 1]],
    ["a small, a large and a small one", [1, LARGE, 2]],
    ["a large, a small and a large one", [LARGE, 1, LARGER]],
  ])("replacements by %s leave the payload of the last, and no row of another", async (_name, payloads) => {
    for (const payload of [0, LARGER]) {
      await pool.query(`TRUNCATE ${JOB_TABLES}`);
      const { id } = await queue.enqueue("t", payload, KEY);
      // Enqueues of one queue wait for each other before they reach the database.
      const queues = payloads.map(() => createQueue(database.pool()));

      await meetingAt(
        id,
        payloads.map((replacement, n) => async () => queues[n]?.enqueue("t", replacement, KEY)),
      );

      expect(payloads).toContainEqual((await queue.get(id)).payload);
      expect(await strayRows(pool)).toEqual([]);
    }
  });

  test("a replacement of the key that a change takes away makes a job of its own", async () => {
    const { id } = await queue.enqueue("t", 1, KEY);

    const [, replacing] = await meetingAt(id, [
      changeTo(id, { idempotencyKey: "other" }),
      () => createQueue(database.pool()).enqueue("t", 2, KEY),
    ]);

    // The change was the first to wait for the job, so it comes first.
    const { id: second, outcome } = replacing as EnqueueResult;
    expect(outcome).toBe("enqueued");
    expect(await queue.get(id)).toMatchObject({ payload: 1, idempotencyKey: "other" });
    expect(await queue.get(second)).toMatchObject({ payload: 2, idempotencyKey: "k" });
    expect(await strayRows(pool)).toEqual([]);
  });

  test("a deletion leaves no large payload of a change that came first", async () => {
    const { id } = await queue.enqueue("t", 1, { delayMs: 3_600_000 });
    await using changer = await openTransaction(pool);
    // The deletion has found the job, and goes on to lock it, when the change commits.
    let changed = false;
    const deleting = createQueue({
      async query(text, values) {
        if (!changed && text.includes("gone_waiting_jobs")) {
          changed = true;
          await queue.change(id, { payload: LARGE }, { tx: changer.client });
          const running = pool.query(pausedBeforeLock(text), values);
          await untilBlocked(pool);
          await changer.end("COMMIT");
          return running;
        }
        return pool.query(text, values);
      },
    });

    const { changed: count, skipped } = await deleting.deleteMany({ ids: [id] });

    expect([count, skipped]).toEqual([0, 1]);
    expect((await queue.get(id)).payload).toEqual(LARGE);
    expect(await queue.deleteMany({ ids: [id] })).toMatchObject({ changed: 1 });
    expect(await strayRows(pool)).toEqual([]);
  });

  /** The statement, but its lock waits for the change in place of skipping the job. */
  const pausedBeforeLock = (text: string) => text.replaceAll("FOR UPDATE SKIP LOCKED", "FOR UPDATE");
});

test("a replacement forgets a cancel that came too late for the job's run", async () => {
  const { id } = await queue.enqueue("t", 1, { ...KEY, delayMs: 0 });
  await using canceler = await openTransaction(pool);
  const runs = await queue.runs.claim({ queues: ["default"], workerId: "w", limit: 1, leaseSeconds: 30 });
  await queue.cancel(id, { tx: canceler.client });
  await queue.runs.release(runs.map(({ id, leaseToken }) => ({ id, leaseToken })));
  await canceler.end("COMMIT");

  expect(await queue.enqueue("t", 2, { ...KEY, delayMs: 0 })).toMatchObject({ id, outcome: "replaced" });
  await queue.runs.recover();

  expect(await queue.get(id)).toMatchObject({ state: "queued", payload: 2 });
});
