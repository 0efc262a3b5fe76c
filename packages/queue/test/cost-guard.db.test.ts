import { heldClock, waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { claimJobs } from "../src/claim/claim-jobs.sql.ts";
import { type Clock, createQueue, createWorker, defineTask, type Executor } from "../src/index.ts";
import { completeClaims } from "../src/settle/complete-claims.sql.ts";
import { completeJobs } from "../src/settle/complete-jobs.sql.ts";
import { failJobs } from "../src/settle/fail-jobs.sql.ts";
import { countingExecutor } from "./counting-executor.ts";
import { explaining } from "./explaining-executor.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

/** Jobs inserted in bulk by SQL, as any producer may. */
async function fill(count: number, settings: object | null = null): Promise<void> {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
  await pool.query(
    "INSERT INTO millrace.jobs (type, settings) SELECT 'cheap', $2::jsonb FROM generate_series(1, $1::int)",
    [count, settings],
  );
}

async function completedCount(): Promise<number> {
  const { rows } = await pool.query(
    "SELECT count(*)::int AS n FROM millrace.ended_jobs WHERE state = 'completed'",
  );
  return rows[0].n;
}

/**
 * A clock that stands still, by which no beat passes: what a job costs must not depend on how fast the machine is.
 * Jobs take no time, and looks for lanes and expired leases, which are made so often and no more, are not made again.
 */
const standing: Clock = { ...heldClock((ms) => ms >= 250), now: () => 0 };

const cheap = defineTask({ name: "cheap", payload: z.unknown(), run: () => undefined });

async function drain(count: number, concurrency: number): Promise<number> {
  const db = countingExecutor(pool);
  let completed = 0;
  const worker = createWorker({
    db,
    tasks: [cheap],
    concurrency,
    clock: standing,
    onEvent: (event) => {
      if (event.kind === "job-completed") completed += 1;
    },
  });
  worker.start();
  await waitFor(() => completed === count, { description: `${count} jobs complete` });
  await worker.stop();
  return db.statements;
}

/** How the claimed jobs are completed. EXPLAIN answers with the plan in place of the rows, so claims are looked up. */
const completions = {
  /** As a worker does when all jobs of a claim have ended. */
  "claim by claim": async (db: Executor) => {
    const { rows } = await pool.query<{ leaseToken: number; id: string; jobs: number }>(
      `SELECT lease_token::float8 AS "leaseToken", ids[1] AS id, cardinality(ids) AS jobs FROM millrace.claims`,
    );
    await completeClaims(db, rows);
  },
  "job by job": async (db: Executor) => {
    const { rows } = await pool.query<{ id: string; leaseToken: number }>(
      `SELECT id, lease_token::float8 AS "leaseToken" FROM millrace.running_jobs`,
    );
    await completeJobs(db, rows, "wait briefly");
  },
  /** The first half of each claim's jobs, then the others: the claims stay between, with fewer open jobs. */
  "half a claim at a time": async (db: Executor) => {
    const { rows } = await pool.query<{ id: string; leaseToken: number; isFirst: boolean }>(
      `SELECT id, lease_token::float8 AS "leaseToken",
              array_position(claim_ids, id) <= cardinality(claim_ids) / 2 AS "isFirst" FROM millrace.running_jobs`,
    );
    for (const isFirst of [true, false]) {
      await completeJobs(
        db,
        rows.filter((row) => row.isFirst === isFirst),
        "wait briefly",
      );
    }
  },
};

/** Claims and completes all jobs, so many at a time, and gives how many bytes of WAL that wrote. */
async function drainedWalBytes(limit: number, complete: (db: Executor) => Promise<void>): Promise<number> {
  const db = explaining(pool);
  const lanes = [{ queue: "default", priority: 0, mark: null }];
  for (;;) {
    await claimJobs(db, { lanes, limit, leaseSeconds: 30, workerId: "w" });
    const { rows } = await pool.query("SELECT FROM millrace.claims LIMIT 1");
    if (rows.length === 0) return db.walBytes;
    await complete(db);
  }
}

describe("what a job costs, by the database's own counters", () => {
  test("a backlog drains in fewer than 1 statement per 100 jobs, at the default concurrency too", async () => {
    await fill(10_000);
    const narrow = await drain(10_000, 4);
    await fill(10_000);
    const wide = await drain(10_000, 200);

    expect(narrow).toBeLessThan(100);
    expect(wide).toBeLessThan(100);
  });

  test("100 enqueues made at one moment are one statement", async () => {
    const db = countingExecutor(pool);
    const queue = createQueue(db);

    await Promise.all(Array.from({ length: 100 }, () => queue.enqueue("cheap")));

    expect(db.statements).toBe(1);
  });

  test.each([
    [1_000, "claim by claim", 500],
    [1_000, "job by job", 500],
    [1_000, "half a claim at a time", 500],
    [1, "claim by claim", 1_000],
  ] as const)(
    "claiming %i jobs at once and completing them %s writes less than %i bytes of WAL for each job",
    async (limit, way, most) => {
      const count = limit === 1 ? 100 : 5_000;
      await fill(count);

      const bytes = await drainedWalBytes(limit, completions[way]);

      expect(await completedCount()).toBe(count);
      expect(bytes / count).toBeGreaterThan(0);
      expect(bytes / count).toBeLessThan(most);
    },
  );

  test("a trace context adds less than 200 bytes of WAL to the claim and the completion of its job", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const bytesWith = async (settings: object | null) => {
      await fill(2_000, settings);
      return (await drainedWalBytes(1_000, completions["claim by claim"])) / 2_000;
    };
    const without = await bytesWith(null);
    const traced = await bytesWith({ traceparent });

    expect(traced - without).toBeGreaterThan(0);
    expect(traced - without).toBeLessThan(200);
  });

  test("jobs without dead letters fail without a look for dead letters at each of them", async () => {
    await fill(1_000);
    const lanes = [{ queue: "default", priority: 0, mark: null }];
    const { jobs } = await claimJobs(pool, { lanes, limit: 1_000, leaseSeconds: 30, workerId: "w" });
    const db = explaining(pool);

    const failures = jobs.map(({ id, leaseToken }) => ({ id, leaseToken, error: "boom", retryInMs: null }));
    await failJobs(db, failures, "skip");

    const { rows } = await pool.query(
      "SELECT state, count(*)::int AS jobs FROM millrace.jobs GROUP BY state",
    );
    expect(rows).toEqual([{ state: "failed", jobs: 1_000 }]);
    expect([db.scansOf("job_queues"), db.scansOf("job_payloads")]).toEqual([1, 0]);
    expect(db.walBytes / jobs.length).toBeLessThan(600);
  });
});
