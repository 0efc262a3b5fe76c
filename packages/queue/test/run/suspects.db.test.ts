import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { claimJobs } from "../../src/claim/claim-jobs.sql.ts";
import {
  createQueue,
  createWorker,
  defineTask,
  type Executor,
  type Queue,
  systemClock,
} from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const never = () => new Promise<never>(() => undefined);

/** What a worker lives on: once it is dead, no timer fires for it and no statement of it is answered. */
function mortal() {
  let dead = false;
  const db: Executor = {
    query: async (text, values) => {
      const answer = dead ? await never() : await pool.query(text, values);
      return dead ? never() : answer;
    },
  };
  return {
    db,
    clock: {
      ...systemClock,
      after: (ms: number, callback: () => void) => systemClock.after(ms, () => dead || callback()),
    },
    isDead: () => dead,
    die: () => {
      dead = true;
    },
  };
}

/** Starts a worker on a queue of jobs that kill it and jobs that do not. */
function startMortalWorker(name: string) {
  const life = mortal();
  const worker = createWorker({
    db: life.db,
    clock: life.clock,
    queues: [name],
    pollMs: 100,
    concurrency: 10,
    tasks: [
      defineTask({
        name: "poison",
        payload: z.unknown(),
        run: () => {
          life.die();
          return never();
        },
      }),
      defineTask({
        name: "innocent",
        payload: z.unknown(),
        run: () => (life.isDead() ? never() : undefined),
      }),
    ],
  });
  worker.start();
  return { ...life, stop: () => worker.stop() };
}

/** The leases of the dead run out, and all that was taken back comes due. */
async function buryAndRecover(name: string): Promise<void> {
  await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 second' WHERE queue = $1", [
    name,
  ]);
  await queue.runs.recover();
  await pool.query("UPDATE millrace.waiting_jobs SET run_at = now() WHERE queue = $1", [name]);
}

describe("a job that kills its worker", () => {
  test("fails alone: what ran or waited beside it completes, at the default number of crashes", async () => {
    const types = ["poison", ...Array.from({ length: 9 }, () => "innocent")];
    await queue.enqueueMany(types.map((type) => ({ type, queue: "poisoned" })));
    const openJobs = async () =>
      (await queue.list({ queue: "poisoned" })).filter(
        ({ state }) => state === "queued" || state === "running",
      );

    let deaths = 0;
    for (let isOver = false; !isOver; ) {
      const worker = startMortalWorker("poisoned");
      await waitFor(async () => worker.isDead() || (await openJobs()).length === 0, {
        description: "the worker to die, or every job to end",
      });
      isOver = !worker.isDead();
      if (isOver) await worker.stop();
      else deaths += 1;
      await buryAndRecover("poisoned");
    }

    const jobs = await queue.list({ queue: "poisoned" });
    expect(deaths).toBe(6);
    expect(jobs.filter(({ type }) => type === "poison").map(({ state }) => state)).toEqual(["failed"]);
    for (const job of jobs.filter(({ type }) => type === "innocent")) {
      expect(job).toMatchObject({ state: "completed" });
      expect(job.crashes).toBeLessThanOrEqual(2);
    }
  });
});

describe("recovery", () => {
  const expire = (id: string) =>
    pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 second' WHERE $1 = ANY(ids)", [
      id,
    ]);

  test("does not charge a suspect that a worker had claimed and not begun", async () => {
    const id = await insertJob(pool, { queue: "unbegun", crashes: 5, attempts: 0 });
    const lanes = [{ queue: "unbegun", priority: 0, mark: null }];
    await claimJobs(pool, { lanes, limit: 1, leaseSeconds: 30, workerId: "w", recordsSuspects: true });
    await expire(id);

    expect((await queue.runs.recover()).requeued).toEqual([id]);

    expect(await queue.get(id)).toMatchObject({ state: "queued", crashes: 5, attempts: 0, lastError: null });
    expect(await queue.attempts(id)).toEqual([]);
  });

  test("charges a suspect that was claimed by a caller who does not tell when it begins", async () => {
    const id = await insertJob(pool, { queue: "bare", crashes: 5, attempts: 0 });
    await queue.runs.claim({ queues: ["bare"], workerId: "w", limit: 1, leaseSeconds: 30 });
    await expire(id);

    expect((await queue.runs.recover()).failed).toEqual([id]);
  });

  test("spreads jobs that crashed together, from their second crash on", async () => {
    const instants = async (crashes: number) => {
      const name = `spread-${crashes}`;
      for (let n = 0; n < 20; n += 1) {
        await insertJob(pool, { queue: name, state: "running", leaseInSeconds: -1, crashes });
      }
      await queue.runs.recover({ limit: 100 });
      const { rows } = await pool.query<{ count: number }>(
        "SELECT count(DISTINCT run_at)::int AS count FROM millrace.jobs WHERE queue = $1",
        [name],
      );
      return rows[0]?.count ?? 0;
    };

    expect(await instants(0)).toBe(1);
    expect(await instants(1)).toBeGreaterThan(10);
  });
});
