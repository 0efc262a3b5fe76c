import { randomUUID } from "node:crypto";
import { executorOf } from "@millrace/base";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { countInMinute } from "../../src/wake/count-minutes.sql.ts";
import { sampleDepths } from "../../src/wake/sample-depths.sql.ts";
import { insertJob } from "../insert-job.ts";
import { type OpenTransaction, openTransaction } from "../open-transaction.ts";
import { tuplesRead } from "../tuples-read.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.queue_minutes`);
});

interface Sample {
  queue: string;
  due: number | null;
  running: number | null;
  oldest_due_ms: number | null;
}

async function samples(db: Pick<pg.Pool, "query"> = pool): Promise<Sample[]> {
  const { rows } = await db.query(
    "SELECT queue, due, running, oldest_due_ms::float8 FROM millrace.queue_minutes ORDER BY queue, minute",
  );
  return rows;
}

/** Samples in a transaction of its own, in which the minute stands still. */
const sampleIn = ({ client }: OpenTransaction) => sampleDepths(executorOf(client));

describe("a sample", () => {
  test("has the due and running jobs of each queue, of all priorities, and none that is due later", async () => {
    for (const [priority, runInSeconds] of [
      ...[0, 0, 5].map((priority) => [priority, -10] as const),
      ...[[5, -60] as const, [7, 3_600] as const, [0, 3_600] as const],
    ]) {
      await insertJob(pool, { queue: "a", priority, runInSeconds });
    }
    await insertJob(pool, { queue: "later", runInSeconds: 60 });
    for (let n = 0; n < 3; n += 1) await insertJob(pool, { queue: "b", state: "running", leaseToken: n + 1 });
    await insertJob(pool, { queue: "ended", state: "completed" });

    await sampleDepths(pool);

    const found = await samples();
    expect(found).toMatchObject([
      { queue: "a", due: 4, running: 0 },
      { queue: "b", due: 0, running: 3, oldest_due_ms: null },
      { queue: "later", due: 0, running: 0, oldest_due_ms: null },
    ]);
    expect(found[0]?.oldest_due_ms).toBeGreaterThanOrEqual(60_000);
    expect(found[0]?.oldest_due_ms).toBeLessThan(3_600_000);
  });

  test("counts 10,000 due jobs of a queue and no more", async () => {
    await pool.query(
      `INSERT INTO millrace.waiting_jobs (id, queue, type, priority)
       SELECT gen_random_uuid(), 'deep', 't', n % 3 FROM generate_series(1, 10050) AS n`,
    );
    await insertJob(pool, { queue: "shallow" });

    await sampleDepths(pool);

    expect(await samples()).toMatchObject([
      { queue: "deep", due: 10_000 },
      { queue: "shallow", due: 1 },
    ]);
  });

  test("is made once a minute, and not while another worker makes it", async () => {
    await insertJob(pool, { queue: "a" });
    await using first = await openTransaction(pool);
    await using second = await openTransaction(pool);

    await sampleIn(first);
    await sampleIn(second);

    expect(await samples(second.client)).toEqual([]);
    await insertJob(pool, { queue: "a" });
    await sampleIn(first);
    expect(await samples(first.client)).toMatchObject([{ queue: "a", due: 1 }]);
  });

  test("joins what was counted in the minute, and keeps it", async () => {
    await using transaction = await openTransaction(pool);
    await insertJob(pool, { queue: "a", runInSeconds: -10 });
    await countInMinute(executorOf(transaction.client), [{ queue: "a", completed: 5 }]);

    await sampleIn(transaction);
    await countInMinute(executorOf(transaction.client), [{ queue: "a", completed: 2, failed: 1 }]);

    const { rows } = await transaction.client.query(
      "SELECT queue, completed::int, failed::int, due, running FROM millrace.queue_minutes",
    );
    expect(rows).toEqual([{ queue: "a", completed: 7, failed: 1, due: 1, running: 0 }]);
  });

  test("has zeros for a queue that had something a minute ago and is empty now, but not for ever", async () => {
    await using transaction = await openTransaction(pool);
    await transaction.client.query(
      `INSERT INTO millrace.queue_minutes (minute, queue, completed, due, running) VALUES
         (date_trunc('minute', now()) - interval '1 minute', 'drained', 3, 2, 1),
         (date_trunc('minute', now()) - interval '1 minute', 'empty', 0, 0, 0),
         (date_trunc('minute', now()) - interval '2 minutes', 'long ago', 3, 2, 1)`,
    );

    await sampleIn(transaction);

    const { rows } = await transaction.client.query(
      "SELECT queue, due, running FROM millrace.queue_minutes WHERE minute = date_trunc('minute', now())",
    );
    expect(rows).toEqual([{ queue: "drained", due: 0, running: 0 }]);
  });

  test("bears a job that is due since for ever, and one whose time is not known", async () => {
    await insertJob(pool, { queue: "a" });
    await pool.query("UPDATE millrace.waiting_jobs SET run_at = '-infinity'");
    const never = await insertJob(pool, { queue: "b" });
    await pool.query("UPDATE millrace.waiting_jobs SET run_at = 'infinity' WHERE id = $1", [never]);

    await sampleDepths(pool);

    expect(await samples()).toMatchObject([
      { queue: "a", due: 1, oldest_due_ms: expect.any(Number) },
      { queue: "b", due: 0, oldest_due_ms: null },
    ]);
  });

  test("reads no more of a queue whose jobs are due later, however many there are", async () => {
    const queue = randomUUID();
    await pool.query(
      `INSERT INTO millrace.waiting_jobs (id, queue, type, run_at)
       SELECT gen_random_uuid(), $1, 't', now() + interval '1 hour' FROM generate_series(1, 2000)`,
      [queue],
    );
    await insertJob(pool, { queue, runInSeconds: -10 });
    await using transaction = await openTransaction(pool);
    const before = await tuplesRead(transaction, "waiting_jobs");

    await sampleIn(transaction);

    expect(await samples(transaction.client)).toMatchObject([{ queue, due: 1 }]);
    expect((await tuplesRead(transaction, "waiting_jobs")) - before).toBeLessThan(20);
  });
});
