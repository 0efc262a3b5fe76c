import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

/** Enqueues jobs, which a worker claims. Returns their ids in the order in which they were claimed. */
async function claimed(
  workerId: string,
  { jobs, beganSecondsAgo }: { jobs: number; beganSecondsAgo: number },
) {
  const name = `${workerId}-${beganSecondsAgo}`;
  await queue.enqueueMany(Array.from({ length: jobs }, () => ({ type: `t-${workerId}`, queue: name })));
  const runs = await queue.runs.claim({ queues: [name], workerId, limit: jobs, leaseSeconds: 60 });
  await pool.query(
    "UPDATE millrace.claims SET begun_at = now() - $2 * interval '1 second' WHERE queue = $1",
    [name, beganSecondsAgo],
  );
  return runs;
}

test("the runs of each worker, those that began first", async () => {
  const young = await claimed("a", { jobs: 3, beganSecondsAgo: 5 });
  const old = await claimed("a", { jobs: 2, beganSecondsAgo: 500 });
  const others = await claimed("b", { jobs: 1, beganSecondsAgo: 50 });
  await claimed("c", { jobs: 1, beganSecondsAgo: 50 });
  await queue.cancel(old[1]?.id ?? "");

  const runs = await queue.runsOf(["b", "a", "nobody"], { limit: 4 });

  expect(runs.map(({ workerId, id }) => [workerId, id])).toEqual([
    ...[...old, ...young].slice(0, 4).map(({ id }) => ["a", id]),
    ...others.map(({ id }) => ["b", id]),
  ]);
  expect(runs[0]).toEqual({
    workerId: "a",
    id: old[0]?.id,
    type: "t-a",
    queue: "a-500",
    attempts: 1,
    lastRunAt: expect.any(Date),
    leaseUntil: expect.any(Date),
    cancelRequestedAt: null,
  });
  expect(runs[1]?.cancelRequestedAt).toBeInstanceOf(Date);
  const begun = await queue.get(old[0]?.id ?? "");
  expect(runs[0]).toMatchObject({ lastRunAt: begun.lastRunAt, leaseUntil: begun.leaseUntil });
});

test("runs that have ended are left out, and runs that have not begun come last", async () => {
  const [first, ...rest] = await claimed("a", { jobs: 3, beganSecondsAgo: 5 });
  await queue.runs.complete(first === undefined ? [] : [first]);
  const later = await claimed("a", { jobs: 1, beganSecondsAgo: 9 });
  await pool.query("UPDATE millrace.claims SET begun_at = NULL WHERE queue = 'a-9'");

  const runs = await queue.runsOf(["a"]);

  expect(runs.map(({ id }) => id)).toEqual([...rest, ...later].map(({ id }) => id));
  expect(runs.map(({ lastRunAt }) => lastRunAt === null)).toEqual([false, false, true]);
  expect(await queue.runsOf([])).toEqual([]);
});
