import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { findUnpausedLanes, LOOK_MAX } from "../../src/claim/find-unpaused-lanes.sql.ts";
import { createQueue, createWorker, defineTask, type Executor } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

/** One job in each of so many priorities, from the first. */
const insertLanes = (queue: string, { from, count, runAt }: { from: number; count: number; runAt: string }) =>
  pool.query(
    `INSERT INTO millrace.jobs (queue, type, priority, run_at)
     SELECT $1, 't', $2::int + n, ${runAt} FROM generate_series(0, $3::int - 1) AS n`,
    [queue, from, count],
  );

describe("a look for lanes", () => {
  test("reads a bounded number, goes on after the last one, and comes to the end of all queues", async () => {
    await insertLanes("look-a", { from: -500, count: LOOK_MAX + 10, runAt: "now()" });
    await insertLanes("look-b", { from: 7, count: 1, runAt: "now()" });
    await insertLanes("look-paused", { from: 0, count: 1, runAt: "now()" });
    await createQueue(pool).pause("look-paused");
    const queues = ["look-b", "none", "look-paused", "look-a"];

    const first = await findUnpausedLanes(pool, { queues, after: null });
    const second = await findUnpausedLanes(pool, { queues, after: first.next });

    expect(first.lanes).toHaveLength(LOOK_MAX);
    expect(first.lanes.slice(0, 2)).toEqual([
      { queue: "look-b", priority: 7 },
      { queue: "look-a", priority: -500 },
    ]);
    expect(first.next).toEqual(first.lanes.at(-1));
    expect(second.lanes.map(({ priority }) => priority)).toEqual(
      Array.from({ length: 11 }, (_, n) => LOOK_MAX - 501 + n),
    );
    expect(second.next).toBeNull();
    expect([first.paused, second.paused]).toEqual([["look-paused"], ["look-paused"]]);
  });

  test.each(["enable_nestloop", "enable_mergejoin", "enable_hashjoin"])(
    "leaves no queue out, whichever plan PostgreSQL makes: without %s",
    async (setting) => {
      const names = Array.from({ length: 20 }, (_, n) => `${setting} ${n}`);
      for (const name of names) await insertLanes(name, { from: 0, count: 1, runAt: "now()" });
      const client = await pool.connect();
      try {
        await client.query(`BEGIN; SET LOCAL ${setting} = off`);
        const { lanes } = await findUnpausedLanes(client, { queues: names, after: null });

        expect(lanes.map(({ queue }) => queue)).toEqual(names);
      } finally {
        await client.query("ROLLBACK");
        client.release();
      }
    },
  );

  test("leaves out lanes whose first job is due later, and still goes on behind them", async () => {
    await insertLanes("later", { from: 0, count: LOOK_MAX, runAt: "now() + interval '1 day'" });
    await insertLanes("later", { from: LOOK_MAX, count: 1, runAt: "now()" });

    const first = await findUnpausedLanes(pool, { queues: ["later"], after: null });
    const second = await findUnpausedLanes(pool, { queues: ["later"], after: first.next });

    expect([first.lanes, second.lanes]).toEqual([[], [{ queue: "later", priority: LOOK_MAX }]]);
  });
});

test("a claim of more jobs than it may name lanes takes them in their order", async () => {
  await insertLanes("wide", { from: 0, count: 2_500, runAt: "now()" });
  const queue = createQueue(pool);

  const jobs = await queue.runs.claim({ queues: ["wide"], workerId: "w", limit: 2_400, leaseSeconds: 30 });

  const { rows } = await pool.query<{ first: number; count: number }>(
    `SELECT min(priority)::int AS first, count(*)::int AS count FROM millrace.jobs
     WHERE queue = 'wide' AND state = 'queued'`,
  );
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(2_400);
  expect(rows).toEqual([{ first: 2_400, count: 100 }]);
});

test("a worker finds jobs of the last of many priorities, without a notice, and names few at a time", async () => {
  await insertLanes("crowd", { from: 0, count: 5_000, runAt: "now() + interval '1 day'" });
  await insertLanes("crowd", { from: 20_000, count: 400, runAt: "now()" });
  let most = 0;
  const db: Executor = {
    query(text, values) {
      const [lanes] = values ?? [];
      if (text.includes("unsynced") && Array.isArray(lanes)) most = Math.max(most, lanes.length);
      return pool.query(text, values);
    },
  };
  let done = 0;
  const worker = createWorker({
    db,
    queues: ["crowd"],
    pollMs: 100,
    tasks: [
      defineTask({
        name: "t",
        payload: z.unknown(),
        run: () => {
          done += 1;
        },
      }),
    ],
  });
  worker.start();
  try {
    await waitFor(() => done === 400, { description: "every due job to run", timeoutMs: 60_000 });
    await insertLanes("crowd", { from: 30_000, count: 1, runAt: "now()" });
    await waitFor(() => done === 401, { description: "a job enqueued later to run", timeoutMs: 60_000 });
  } finally {
    await worker.stop();
  }

  expect(most).toBeLessThanOrEqual(150);
});
