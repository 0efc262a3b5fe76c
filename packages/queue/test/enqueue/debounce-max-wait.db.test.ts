import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** A debounced job that was first enqueued so many s ago, and then once more. In how many s is it due now? */
async function dueIn(agoSeconds: number, debounce: { delayMs: number; maxWaitMs?: number }): Promise<number> {
  const key = crypto.randomUUID();
  const { id } = await queue.enqueue("t", 1, { debounce: { key, ...debounce } });
  await pool.query(
    `UPDATE millrace.waiting_jobs SET created_at = created_at - $2 * interval '1 s', run_at = now() WHERE id = $1`,
    [id, agoSeconds],
  );
  expect(await queue.enqueue("t", 2, { debounce: { key, ...debounce } })).toEqual({
    id,
    outcome: "replaced",
  });
  const { rows } = await pool.query(
    `SELECT extract(epoch FROM run_at - updated_at)::float8 AS seconds, payload
     FROM millrace.waiting_jobs WHERE id = $1`,
    [id],
  );
  expect(rows[0].payload).toBe(2);
  return rows[0].seconds;
}

test("a call puts the job off by its delay, as long as the longest wait is not over", async () => {
  expect(await dueIn(10, { delayMs: 60_000, maxWaitMs: 600_000 })).toBe(60);
  expect(await dueIn(1_000, { delayMs: 60_000 })).toBe(60);
});

test("a call puts the job off to the end of the longest wait at most", async () => {
  const seconds = await dueIn(570, { delayMs: 60_000, maxWaitMs: 600_000 });

  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(30);
});

test("a job whose longest wait is over is due at the call, and not before", async () => {
  expect(await dueIn(1_000, { delayMs: 60_000, maxWaitMs: 600_000 })).toBe(0);
});
