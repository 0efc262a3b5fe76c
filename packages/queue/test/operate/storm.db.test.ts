import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ClaimedJob, createQueue, type Queue } from "../../src/index.ts";
import { placesOf, strayRows } from "./job-places.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 20 });
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts`);
});

const LARGE = { text: "x".repeat(5_000) };

const claimOf = (name: string): Promise<ClaimedJob[]> =>
  queue.runs.claim({ queues: [name], workerId: "w", limit: 10, leaseSeconds: 3_600 });

const leaseOf = ({ id, leaseToken }: ClaimedJob) => ({ id, leaseToken });

/** The code of a call's error; null if the call succeeded. */
const errorOf = (call: Promise<unknown>): Promise<string | null> =>
  call.then(
    () => null,
    (error: { code?: string }) => error.code ?? String(error),
  );

describe("a storm of every operation on a few jobs", () => {
  const JOBS = 6;
  const ACTORS = 8;
  const STEPS = 150;
  /** What a caller may be told. Any other error is the database's, and a bug. */
  const CODES = ["JOB_STATE", "JOB_NOT_FOUND", "DUPLICATE_JOB"];

  /** Numbers that look random, and are the same in each run of the test. */
  function numbers(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  test("leaves each job in one place, with its own rows, and counts what it deleted", async () => {
    const name = "storm";
    const ids = new Set<string>();
    let deleted = 0;
    const enqueue = async (n: number) => {
      const payload = n % 2 === 0 ? LARGE : n;
      const { id } = await queue.enqueue("t", payload, {
        queue: name,
        idempotencyKey: `k${n % JOBS}`,
        keyScope: "active",
        onDuplicate: "replace",
        maxAttempts: 50,
      });
      ids.add(id);
    };
    const finish = async (n: number) => {
      const runs = (await claimOf(name)).map(leaseOf);
      if (n % 4 === 0) await queue.runs.complete(runs);
      else if (n % 4 === 1) await queue.runs.release(runs);
      else
        await queue.runs.fail(runs.map((run) => ({ ...run, error: "x", retryInMs: n % 4 === 2 ? 0 : null })));
    };
    const crash = async () => {
      // One claim at a time: a statement that locks several claims may meet another in a deadlock.
      for (const { id, leaseToken } of await claimOf(name)) {
        await pool.query(
          `UPDATE millrace.claims SET lease_until = now() - interval '1 second'
           WHERE lease_token = $1 AND $2 = ANY(ids)`,
          [leaseToken, id],
        );
      }
      await queue.runs.recover({ maxCrashes: 1_000 });
    };
    const operations: ((id: string, n: number) => Promise<unknown>)[] = [
      (_id, n) => enqueue(n),
      (_id, n) => finish(n),
      () => crash(),
      (id) => queue.runNow(id),
      (id) => queue.retry(id),
      (id) => queue.cancel(id),
      (id, n) => queue.change(id, { payload: n % 2 === 0 ? LARGE : n, delayMs: n % 3 === 0 ? 3_600_000 : 0 }),
      (id, n) => queue.change(id, { idempotencyKey: n % 4 === 0 ? null : `k${n % (2 * JOBS)}` }),
      () => queue.retryMany({ queue: name }),
      () => queue.runNowMany({ queue: name }),
      (id) => queue.cancelMany({ ids: [id] }),
      async (id) => {
        const { changed } = await queue.deleteMany({ ids: [id] });
        deleted += changed;
      },
    ];
    for (let n = 0; n < JOBS; n += 1) await enqueue(n);

    const wrong: string[] = [];
    await Promise.all(
      Array.from({ length: ACTORS }, async (_, actor) => {
        const random = numbers(actor + 1);
        for (let step = 0; step < STEPS; step += 1) {
          const known = [...ids];
          const id = known[random(known.length)] ?? "";
          const error = await errorOf(
            operations[random(operations.length)]?.(id, random(1_000)) ?? enqueue(0),
          );
          if (error !== null && !CODES.includes(error)) wrong.push(error);
        }
      }),
    );

    expect(wrong).toEqual([]);
    const places = [...(await placesOf(pool, [...ids])).values()];
    expect(places.filter((each) => each.length > 1)).toEqual([]);
    expect(places.filter((each) => each.length === 0)).toHaveLength(deleted);
    expect(await strayRows(pool)).toEqual([]);
    expect(ids.size).toBeGreaterThan(JOBS);
  });
});
