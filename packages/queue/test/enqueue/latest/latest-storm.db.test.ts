import { rounds, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import {
  Cancel,
  type ClaimedJob,
  createQueue,
  createWorker,
  type Queue,
  RetryLater,
  Snooze,
  type Worker,
} from "../../../src/index.ts";
import { anyTask } from "../../use-workers.ts";

const database = useTestDatabase();
const SEEDS = [1, 2, 3, 4].slice(0, rounds({ usual: 1, long: 4 }));
const CHANGES = rounds({ usual: 30, long: 60 });
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 20 });
  queue = createQueue(pool);
});

/** A source of numbers in [0, 1) that a seed decides. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The keys of which two jobs run now, with all that is known of their jobs. */
async function runningTwice(name: string): Promise<unknown[]> {
  const { rows } = await pool.query(
    `SELECT r.type AS key, array_agg(r.id || ' ' || r.lease_token) AS running,
            (SELECT k.job_id FROM millrace.job_keys k WHERE k.key = r.type) AS holder,
            (SELECT jsonb_agg(jsonb_build_object(
               'id', j.id, 'state', j.state, 'settings', j.settings, 'token', j.lease_token, 'crashes', j.crashes,
               'created', j.created_at, 'updated', j.updated_at, 'began', j.last_run_at) ORDER BY j.created_at)
             FROM millrace.jobs j WHERE j.type = r.type) AS jobs
     FROM millrace.running_jobs r WHERE r.queue = $1 GROUP BY r.type HAVING count(*) > 1`,
    [name],
  );
  return rows;
}

/** Ends a claimed job in one of the ways of a life: the lease of an abandoned one runs out at once. */
async function end(own: Queue, job: ClaimedJob, roll: number): Promise<void> {
  if (roll < 0.35) await own.runs.complete([job]);
  else if (roll < 0.45) await own.runs.fail([{ ...job, error: "x", retryInMs: null }]);
  else if (roll < 0.6) await own.runs.fail([{ ...job, error: "x", retryInMs: 0 }]);
  else if (roll < 0.7) await own.runs.release([job]);
  else if (roll < 0.8) {
    await own.cancel(job.id).catch(() => undefined);
    await own.runs.fail([{ ...job, error: "x", retryInMs: null }]);
  } else {
    await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 s' WHERE $1 = ANY(ids)", [
      job.id,
    ]);
    await own.runs.recover({ maxCrashes: 1_000 });
  }
}

describe("one job of a key runs at a time, and the last change runs afterwards", () => {
  test.each(SEEDS)("whatever ends the runs, seed %i", async (seed) => {
    const name = `storm-${seed}`;
    const keys = Array.from({ length: 3 }, (_, n) => `${name}:${n}`);
    let producing = true;
    const producers = Array.from({ length: 4 }, async (_, p) => {
      const own = createQueue(pool);
      const random = randomOf(seed * 100 + p);
      for (let n = 0; n < CHANGES; n += 1) {
        const key = keys[Math.floor(random() * keys.length)] ?? "";
        const { id } = await own.enqueue(key, n, { queue: name, maxAttempts: 3, latest: { key } });
        // A canceled or deleted follower must not let two run, either.
        const roll = random();
        if (roll < 0.1) await own.cancel(id).catch(() => undefined);
        else if (roll < 0.2) await own.deleteMany({ ids: [id] });
      }
    });
    const consumers = Array.from({ length: 4 }, async (_, c) => {
      const own = createQueue(pool);
      const random = randomOf(seed * 200 + c);
      while (producing) {
        const jobs = await own.runs.claim({
          queues: [name],
          workerId: `w-${c}`,
          limit: 2,
          leaseSeconds: 600,
        });
        expect(await runningTwice(name)).toEqual([]);
        for (const job of jobs) await end(own, job, random());
        if (random() < 0.2) await own.runs.recover({ maxCrashes: 1_000 });
      }
    });
    await Promise.all(producers);
    producing = false;
    await Promise.all(consumers);

    for (const key of keys) await queue.enqueue(key, "last", { queue: name, latest: { key } });
    const ran = new Map<string, unknown>();
    await waitFor(
      async () => {
        await queue.runs.recover({ maxCrashes: 1_000 });
        const jobs = await queue.runs.claim({ queues: [name], workerId: "w", limit: 9, leaseSeconds: 600 });
        expect(await runningTwice(name)).toEqual([]);
        for (const job of jobs) ran.set(job.type, job.payload);
        await queue.runs.complete(jobs);
        return keys.every((key) => ran.get(key) === "last");
      },
      { description: "the last change of each key to run" },
    );
    expect(await queue.list({ queue: name, state: "queued" })).toEqual([]);
  });

  test("in workers of several processes, with handlers that fail, snooze, cancel and enqueue", async () => {
    const name = "workers-storm";
    const keys = Array.from({ length: 5 }, (_, n) => `${name}:${n}`);
    const running = new Map<string, number>();
    const last = new Map<string, unknown>();
    let most = 0;
    const random = randomOf(7);
    const task = anyTask(name, async (payload, { enqueue }) => {
      const { key, n } = payload as { key: string; n: number };
      running.set(key, (running.get(key) ?? 0) + 1);
      most = Math.max(most, running.get(key) ?? 0);
      last.set(key, n);
      try {
        for (let turns = random() * 50; turns > 0; turns -= 1) await new Promise(setImmediate);
        const roll = n < 0 ? 1 : random();
        if (roll < 0.1) throw new RetryLater("later", { delayMs: 1 });
        if (roll < 0.2) throw new Snooze(1);
        if (roll < 0.3) throw new Cancel("no more");
        if (roll < 0.4) throw new Error("no");
        if (roll < 0.5) await enqueue(name, { key, n: n + 1_000 }, { queue: name, latest: { key } });
      } finally {
        running.set(key, (running.get(key) ?? 0) - 1);
      }
    });
    const workers: Worker[] = Array.from({ length: 3 }, () =>
      createWorker({
        db: pool,
        tasks: [task],
        queues: [name],
        concurrency: 5,
        pollMs: 100,
        renewal: "loop",
        defaults: { backoff: { baseMs: 1, jitterMs: 0 } },
        onEvent: () => undefined,
      }),
    );
    for (const worker of workers) worker.start();
    const producers = Array.from({ length: 3 }, async () => {
      const own = createQueue(pool);
      for (let n = 0; n < 100; n += 1) {
        const key = keys[n % keys.length] ?? "";
        await own.enqueue(name, { key, n }, { queue: name, latest: { key } });
      }
    });
    await Promise.all(producers);
    for (const key of keys) await queue.enqueue(name, { key, n: -1 }, { queue: name, latest: { key } });

    await waitFor(
      async () => {
        const { rows } = await pool.query(
          "SELECT FROM millrace.jobs WHERE queue = $1 AND state IN ('queued', 'running')",
          [name],
        );
        return rows.length === 0;
      },
      { description: "all jobs to end" },
    );
    await Promise.all(workers.map((worker) => worker.stop()));

    expect(most).toBe(1);
    // A handler that enqueues while the last change waits overwrites it: then the handler's change is the last.
    for (const key of keys) expect(last.get(key) === -1 || Number(last.get(key)) >= 1_000).toBe(true);
  });
});
