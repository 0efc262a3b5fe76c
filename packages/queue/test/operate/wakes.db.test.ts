import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type InTransaction, type Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { openTransaction } from "../open-transaction.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.workers, millrace.job_waits`);
});

/** The notices on a channel that come of some work. */
async function heardOf(work: () => Promise<unknown>, channel = "millrace_jobs"): Promise<string[]> {
  const heard: string[] = [];
  const listener = await pool.connect();
  try {
    listener.on("notification", (message) => heard.push(message.payload ?? ""));
    await listener.query(`LISTEN ${channel}`);
    await work();
    await pool.query("SELECT pg_notify($1, 'end')", [channel]);
    await waitFor(() => heard.includes("end"), { description: "the last notification comes" });
  } finally {
    listener.removeAllListeners("notification");
    await listener.query("UNLISTEN *");
    listener.release();
  }
  return heard.slice(0, -1);
}

const setAsleep = (asleep: boolean) =>
  pool.query("INSERT INTO millrace.workers (worker_id, queues, types, asleep) VALUES ('w', '{}', '{}', $1)", [
    asleep,
  ]);

const OPERATIONS: Record<string, (id: string, options?: InTransaction) => Promise<unknown>> = {
  runNow: (id, options) => queue.runNow(id, options),
  change: (id, options) => queue.change(id, { delayMs: 0 }, options),
};

describe.each(Object.entries(OPERATIONS))("%s", (_name, run) => {
  const later = () => insertJob(pool, { queue: "one", priority: 3, runInSeconds: 3_600 });

  test("wakes who sleeps, and nobody when nobody sleeps", async () => {
    const id = await later();
    await setAsleep(true);
    expect(await heardOf(() => run(id))).toEqual(["3:one"]);

    await pool.query("UPDATE millrace.workers SET asleep = false");
    const other = await later();
    expect(await heardOf(() => run(other))).toEqual([]);
  });

  test("in the caller's transaction always wakes, because a worker may fall asleep before the commit", async () => {
    const id = await later();
    await setAsleep(false);

    const heard = await heardOf(async () => {
      await using transaction = await openTransaction(pool);
      await run(id, { tx: transaction.client });
      await transaction.end("COMMIT");
    });

    expect(heard).toEqual(["3:one"]);
  });
});

test("a change wakes for the lane to which it moves a due job, and not for a job that is due later", async () => {
  await setAsleep(true);
  const due = await insertJob(pool, { queue: "one" });
  const later = await insertJob(pool, { queue: "one", runInSeconds: 3_600 });

  expect(await heardOf(() => queue.change(due, { queue: "two", priority: 5 }))).toEqual(["5:two"]);
  expect(await heardOf(() => queue.change(later, { queue: "two" }))).toEqual([]);
});

test("runNowMany wakes once for each lane", async () => {
  await setAsleep(true);
  for (let n = 0; n < 4; n += 1) await insertJob(pool, { queue: `q${n % 2}`, runInSeconds: 3_600 });

  expect((await heardOf(() => queue.runNowMany({ all: true }))).sort()).toEqual(["0:q0", "0:q1"]);
});

describe("the deletion of a queued job", () => {
  test("tells whoever waits for its end", async () => {
    const id = await insertJob(pool);
    await pool.query("INSERT INTO millrace.job_waits VALUES ($1, now() + interval '1 hour')", [id]);

    expect(await heardOf(() => queue.deleteMany({ ids: [id] }), "millrace_ended")).toEqual([id]);
    const { rows } = await pool.query("SELECT FROM millrace.job_waits");
    expect(rows).toEqual([]);
  });

  test.each(["deleteMany", "cancel_job"])("makes the job that waits for its end due: %s", async (by) => {
    await setAsleep(true);
    const first = await insertJob(pool, { idempotencyKey: "k" });
    const second = await insertJob(pool, { queue: "second", idempotencyKey: "k2", runInSeconds: 3_600 });
    await pool.query(
      `UPDATE millrace.waiting_jobs SET run_at = 'infinity', settings = jsonb_build_object('after', $2::text)
       WHERE id = $1`,
      [second, first],
    );

    const heard = await heardOf(() =>
      by === "deleteMany"
        ? queue.deleteMany({ ids: [first] })
        : pool.query("SELECT millrace.cancel_job($1)", [first]),
    );

    expect(heard).toEqual([by === "deleteMany" ? "0:second" : ""]);
    expect((await queue.get(second)).runAt?.getTime()).toBeLessThanOrEqual(Date.now());
    await queue.runNow(second);
  });
});
