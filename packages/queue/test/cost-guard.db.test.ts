import { waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask } from "../src/index.ts";
import { countingExecutor } from "./counting-executor.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

/** Jobs inserted in bulk by SQL, as any producer may. */
async function fill(count: number): Promise<void> {
  await pool.query("TRUNCATE millrace.jobs, millrace.job_history");
  await pool.query("INSERT INTO millrace.jobs (type) SELECT 'cheap' FROM generate_series(1, $1::int)", [
    count,
  ]);
}

const cheap = defineTask({ name: "cheap", payload: z.unknown(), run: () => undefined });

async function drain(count: number, concurrency: number): Promise<number> {
  const db = countingExecutor(pool);
  let completed = 0;
  const worker = createWorker({
    db,
    tasks: [cheap],
    concurrency,
    onEvent: (event) => {
      if (event.kind === "job-completed") completed += 1;
    },
  });
  worker.start();
  await waitFor(() => completed === count, { description: `${count} jobs complete`, timeoutMs: 60_000 });
  await worker.stop();
  return db.statements;
}

async function walBytes(work: () => Promise<unknown>): Promise<number> {
  // A checkpoint right before would add whole pages to the log; one before the warm-up does not.
  const before = await pool.query<{ lsn: string }>("SELECT pg_current_wal_insert_lsn() AS lsn");
  await work();
  const after = await pool.query<{ bytes: string }>(
    "SELECT pg_current_wal_insert_lsn() - $1::pg_lsn AS bytes",
    [before.rows[0]?.lsn],
  );
  return Number(after.rows[0]?.bytes);
}

describe("what a job costs, by the database's own counters", () => {
  test("a backlog drains in fewer than 3 statements per 100 jobs, at the default concurrency too", async () => {
    await fill(10_000);
    const narrow = await drain(10_000, 4);
    await fill(10_000);
    const wide = await drain(10_000, 200);

    expect(narrow).toBeLessThan(300);
    expect(wide).toBeLessThan(300);
  });

  test("100 enqueues made at one moment are one statement", async () => {
    const db = countingExecutor(pool);
    const queue = createQueue(db);

    await Promise.all(Array.from({ length: 100 }, () => queue.enqueue("cheap")));

    expect(db.statements).toBe(1);
  });

  test("claiming and completing a job, its history kept, writes less than 1,200 bytes of WAL", async () => {
    await fill(5_000);
    const warmUp = await walBytes(() => drain(5_000, 100));
    await fill(5_000);

    const bytes = await walBytes(() => drain(5_000, 100));

    expect(warmUp).toBeGreaterThan(0);
    expect(bytes / 5_000).toBeLessThan(1_200);
  });
});
