import { randomUUID } from "node:crypto";
import { type DrizzleExecutor, type Executor, executorOf } from "@millrace/base";
import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import { drizzle as proxied } from "drizzle-orm/pg-proxy";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claimJobs } from "../src/claim/claim-jobs.sql.ts";
import { type ClaimedJob, createQueue, type Queue } from "../src/index.ts";
import { countCrashes } from "../src/lease/count-crashes.sql.ts";
import { pruneAudit, pruneMinutes } from "../src/operate/prune-records.sql.ts";
import { setProgress } from "../src/run/set-progress.sql.ts";
import { completeJobs } from "../src/settle/complete-jobs.sql.ts";
import { failJobs } from "../src/settle/fail-jobs.sql.ts";
import { releaseJobs } from "../src/settle/release-jobs.sql.ts";
import { runStanding } from "../src/settle/run-standing.sql.ts";
import { deleteWorker } from "../src/wake/delete-worker.sql.ts";
import { forgetWorkers } from "../src/wake/forget-workers.sql.ts";
import { RunCounts } from "../src/wake/run-counts.ts";
import { sampleDepths } from "../src/wake/sample-depths.sql.ts";
import { upsertWorker, upsertWorkerWithCounts } from "../src/wake/upsert-worker.sql.ts";
import { runTask } from "./run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let executor: Executor;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts`);
});

const CLAIM = { queues: ["default"], workerId: "w", limit: 10, leaseSeconds: 30 };

async function claimed(): Promise<ClaimedJob> {
  await queue.enqueue("t", { n: 1 });
  const [run] = await queue.runs.claim(CLAIM);
  if (run === undefined) throw new Error("The job must be claimed");
  return run;
}

const failure = { error: "x", retryInMs: null };

/** Each statement of a queue and of a worker; Drizzle numbers parameters in its own way, and PostgreSQL types them. */
const statements: Record<string, () => Promise<unknown>> = {
  "enqueue with a date": () => queue.enqueue("t", {}, { runAt: new Date() }),
  "enqueue with a key, twice": async () => {
    await queue.enqueue("t", {}, { idempotencyKey: "a" });
    await queue.enqueue("t", {}, { idempotencyKey: "a", onDuplicate: "replace" });
  },
  debounce: async () => {
    await queue.enqueue("t", {}, { debounce: { key: "b", delayMs: 10 } });
    await queue.enqueue("t", {}, { debounce: { key: "b", delayMs: 10 } });
  },
  throttle: async () => {
    await queue.enqueue("t", {}, { throttle: { key: "c", periodMs: 1_000 } });
    await pool.query("UPDATE millrace.job_keys SET until = now()");
    await queue.enqueue("t", {}, { throttle: { key: "c", periodMs: 1_000 } });
  },
  enqueueMany: () => queue.enqueueMany([{ type: "a" }, { type: "b", delayMs: 5 }]),
  "complete with an output": async () => queue.runs.complete([{ ...(await claimed()), output: "1" }]),
  "complete, waiting briefly": async () => completeJobs(executor, [await claimed()], "wait briefly"),
  "complete, skipping locked rows": async () => completeJobs(executor, [await claimed()], "skip"),
  fail: async () => queue.runs.fail([{ ...(await claimed()), ...failure }]),
  "fail, skipping locked rows": async () =>
    failJobs(executor, [{ ...(await claimed()), ...failure }], "skip"),
  release: async () => queue.runs.release([{ ...(await claimed()), delayMs: 5 }]),
  "release, skipping locked rows": async () => releaseJobs(executor, [await claimed()], "skip"),
  extend: async () => queue.runs.extend([await claimed()], 60),
  progress: async () => setProgress(executor, [{ ...(await claimed()), progress: "1" }]),
  standing: async () => runStanding(executor, await claimed()),
  recover: async () => {
    const { id } = await claimed();
    await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 s'");
    expect(await queue.runs.recover()).toEqual({ requeued: [id], failed: [], canceled: [], expired: [] });
  },
  "cancel and retry": async () => {
    const { id } = await queue.enqueue("t");
    await queue.cancel(id);
    await queue.retry(id);
  },
  "retryMany, cancelMany and deleteMany": async () => {
    const filter = { queue: "default", ids: [(await queue.enqueue("t")).id] };
    await queue.cancelMany(filter);
    await queue.retryMany(filter);
    await queue.deleteMany({ ...filter, createdBefore: new Date() });
  },
  "attempts, list, stats and queues": async () => {
    const { id } = await queue.enqueue("t");
    await queue.attempts(id);
    await queue.list({ queue: "default", before: id });
    await queue.stats();
    await queue.queues();
  },
  "reads of a bounded cost": async () => {
    const { id } = await queue.enqueue("t", {}, { tags: ["red"] });
    const { before } = await queue.search({ order: "oldest-due", limit: 1, tags: ["red"], queue: "default" });
    await queue.search({ order: "oldest-due", before: before ?? id });
    await queue.search({ before: id, tags: ["red"], ids: [id], createdAfter: new Date() }, { rows: 1 });
    await queue.search({ state: "failed", errorIncludes: "x" });
    await queue.count({ queue: "default", type: "t" });
    await queue.count({ tags: ["red"], finishedBefore: new Date() });
    await queue.depths({ max: 1 });
    await queue.texts([id], { bytesMax: 10 });
    await queue.runsOf(["w"]);
    await queue.failures({ queue: "default" });
    await queue.idsOfKind({ type: "t", queue: "default", fingerprint: "x" });
    await queue.duplicate(id);
  },
  "pause and resume": async () => {
    await queue.pause("z");
    await queue.resume("z");
  },
  prune: async () => {
    await queue.prune({ olderThanMs: 0 });
    await queue.prune({ keepLast: 1 });
  },
  presence: async () => {
    const worker = { workerId: "w", instance: randomUUID() };
    const presence = { ...worker, queues: ["a"], types: ["b"], asleep: true };
    const row = { ...presence, release: "1.0.0", concurrency: 4, isPaused: true };
    const counts = new RunCounts();
    counts.count("a", "completed");
    await upsertWorker(executor, row);
    await upsertWorkerWithCounts(executor, row, counts.next());
    await sampleDepths(executor);
    await countCrashes(executor, { workerId: "w", crashes: 1 });
    await forgetWorkers(executor);
    await deleteWorker(executor, { ...worker, isShared: false, batch: counts.next() });
  },
  "history and the deletion of old rows": async () => {
    await queue.history({ queue: "a" });
    await queue.lately({ minutes: 5 });
    await pruneMinutes(executor, 1_000);
    await pruneAudit(executor, 1_000);
  },
  "claim by turns": () =>
    claimJobs(executor, {
      ...CLAIM,
      lanes: [{ queue: "default", priority: 0, mark: null }],
      turns: [{ queue: "default", offset: 0, most: 2 }],
    }),
};

/**
 * A Drizzle database on a driver that can send texts, numbers and flags alone: of arrays, postgres.js cannot know the
 * type.
 */
function drizzleOfTexts(): DrizzleExecutor {
  return proxied(async (text, values) => {
    const unsendable = values.filter((value) => value !== null && typeof value === "object");
    if (unsendable.length > 0) throw new TypeError(`The driver cannot send ${JSON.stringify(unsendable[0])}`);
    return { rows: (await pool.query(text, values)).rows };
  });
}

describe.each([
  ["node-postgres", () => drizzle({ client: pool })],
  ["a driver that takes no arrays", drizzleOfTexts],
])("on a Drizzle database of %s", (_driver, open) => {
  beforeAll(() => {
    const db = open();
    queue = createQueue(db);
    executor = executorOf(db);
  });

  test.each(Object.entries(statements))("%s", async (_name, run) => {
    await run();
  });
});

test("a worker on a Drizzle database is woken by an enqueue, and does not wait for its poll", async () => {
  await using task = runTask(pool, () => "done", { db: drizzle({ client: pool }), pollMs: 60_000 });
  const sleeps = async () => {
    const { rows } = await pool.query("SELECT FROM millrace.workers WHERE asleep AND worker_id = $1", [
      task.worker.workerId,
    ]);
    return rows.length > 0;
  };
  await waitFor(sleeps, { description: "the worker sleeps" });

  expect((await task.told("job-completed", await task.enqueue())).output).toBe("done");
});

test("a worker on a Drizzle database over a single client is refused to listen", async () => {
  const client = await pool.connect();
  try {
    const db = drizzle({ client });
    expect(() => runTask(pool, () => undefined, { db, listen: true })).toThrow(/a Drizzle database on one/);
  } finally {
    client.release();
  }
});
