import { executorOf } from "@millrace/base";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { recoverJobs } from "../../src/lease/recover-jobs.sql.ts";
import { createEffects, enqueueWork, tally } from "../faults/effects.ts";
import { startChild } from "../faults/start-child.ts";
import { openTransaction } from "../open-transaction.ts";
import { claimsLeft, claimTogether, countByState, expire, leaseOf } from "../settle/claim-together.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(async () => {
  pool = database.pool();
  queue = createQueue(pool);
  await createEffects(pool);
});

async function completedOf(ids: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    "SELECT id FROM millrace.jobs WHERE id = ANY($1) AND state = 'completed'",
    [ids],
  );
  return rows.map((row) => row.id);
}

describe("a claim that is half completed when its worker dies", () => {
  test("keeps its completed half, and recovery takes back the rest only", async () => {
    const { queue: name, runs, ids } = await claimTogether(pool, 100);
    // Every second job, so that the two halves lie among each other in the claim.
    const done = runs.filter((_, place) => place % 2 === 0);
    const rest = runs.filter((_, place) => place % 2 === 1);
    expect(await queue.runs.complete(done.map((run) => ({ ...run, output: '"done"' })))).toEqual([]);
    await expire(pool, name);

    const recovered = await queue.runs.recover();

    expect(recovered).toEqual({ requeued: expect.any(Array), failed: [], canceled: [], expired: [] });
    expect(recovered.requeued.sort()).toEqual(rest.map((run) => run.id).sort());
    expect(await claimsLeft(pool, name)).toBe(0);
    for (const run of runs) {
      const expected = done.includes(run)
        ? { state: "completed", output: "done", attempts: 1, crashes: 0 }
        : { state: "queued", output: null, attempts: 0, crashes: 1 };
      expect(await queue.get(run.id)).toMatchObject({ ...expected, payload: run.payload });
    }

    // What its worker wrote now, the completed half included, is refused; the rest runs again, each job once.
    expect(await queue.runs.complete(runs)).toEqual(runs.map(leaseOf));
    const next = await queue.runs.claim({ queues: [name], workerId: "next", limit: 100, leaseSeconds: 30 });
    expect(next.map((run) => run.id).sort()).toEqual(rest.map((run) => run.id).sort());
    expect(await queue.runs.complete(next)).toEqual([]);
    expect(await countByState(pool, ids)).toEqual({ completed: 100 });
    expect((await queue.runs.recover()).requeued).toEqual([]);
  });

  test("by SIGKILL, has its completed jobs run once, and its other jobs crash once", async () => {
    const name = "half-killed";
    const short = await enqueueWork(queue, name, { count: 50 });
    const long = await enqueueWork(queue, name, { count: 50, payload: { waitMs: 600_000 } });
    const worker = { concurrency: 100 };
    await using dying = startChild({ url: database.url, queue: name, name, worker });
    const begun = () => dying.idsOf("begun").length === 100;
    const halfDone = async () => (await countByState(pool, short))["completed"] === 50;
    await waitFor(async () => begun() && (await halfDone()), {
      description: "half of the claim to complete",
    });
    expect(await claimsLeft(pool, name)).toBe(1);
    dying.process.kill("SIGKILL");
    await dying.ended;
    await expire(pool, name);

    const { requeued } = await queue.runs.recover();

    expect(requeued.sort()).toEqual(long.sort());
    expect(await claimsLeft(pool, name)).toBe(0);
    expect(await tally(pool, short)).toMatchObject({ lost: 0, completed: 50, ranTwice: 0, crashes: 0 });
    expect(await tally(pool, long)).toMatchObject({ lost: 0, completed: 0, failed: 0, crashes: 50 });
    expect(await countByState(pool, long)).toEqual({ queued: 50 });
  });
});

describe("recovery beside the last completion of an expired claim", () => {
  /** A claim of which all jobs but the last have ended, and whose lease has run out. */
  async function lastOfClaim() {
    const { queue: name, runs } = await claimTogether(pool, 3);
    const last = runs.pop();
    if (last === undefined) throw new Error("Three jobs were claimed");
    await queue.runs.complete(runs);
    await expire(pool, name);
    return { name, last };
  }

  test("that came first, and whose transaction is open, waits for nothing and takes nothing back", async () => {
    const { name, last } = await lastOfClaim();
    await using transaction = await openTransaction(pool);
    expect(await queue.runs.complete([last], { tx: transaction.client })).toEqual([]);

    expect((await queue.runs.recover()).requeued).toEqual([]);

    await transaction.end("COMMIT");
    expect((await queue.runs.recover()).requeued).toEqual([]);
    expect(await queue.get(last.id)).toMatchObject({ state: "completed", crashes: 0 });
    expect(await claimsLeft(pool, name)).toBe(0);
  });

  test("that is rolled back, takes the job back later", async () => {
    const { name, last } = await lastOfClaim();
    await using transaction = await openTransaction(pool);
    await queue.runs.complete([last], { tx: transaction.client });
    expect((await queue.runs.recover()).requeued).toEqual([]);

    await transaction.end("ROLLBACK");

    expect((await queue.runs.recover()).requeued).toEqual([last.id]);
    expect(await claimsLeft(pool, name)).toBe(0);
  });

  test("that waits for recovery, has the completion refused", async () => {
    const { name, last } = await lastOfClaim();
    await using transaction = await openTransaction(pool);
    const recovered = await recoverJobs(executorOf(transaction.client), 5, 500);
    const completing = queue.runs.complete([last]);
    const isWaiting = async () => {
      const { rows } = await pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return rows.length > 0;
    };
    await waitFor(isWaiting, { description: "the completion to wait" });

    await transaction.end("COMMIT");

    expect(recovered.requeued).toEqual([last.id]);
    expect(await completing).toEqual([leaseOf(last)]);
    expect(await queue.get(last.id)).toMatchObject({ state: "queued", attempts: 0, crashes: 1 });
    expect(await claimsLeft(pool, name)).toBe(0);
  });

  test("at the same moment, takes each job or leaves it completed: exactly one of the two, over and over", async () => {
    const rounds = { byCompletion: 0, byRecovery: 0 };
    for (let round = 0; round < 100; round += 1) {
      const { queue: name, runs, ids } = await claimTogether(pool, 12);
      await queue.runs.complete(runs.slice(0, round % 12));
      const last = runs.slice(round % 12);
      await expire(pool, name);

      // Each of the two is sent first in half of the rounds.
      const early = round % 2 === 0 ? queue.runs.recover() : undefined;
      const completing = queue.runs.complete(last);
      const [{ requeued }, refused] = await Promise.all([early ?? queue.runs.recover(), completing]);

      expect(requeued.sort()).toEqual(refused.map(({ id }) => id).sort());
      const completed = await completedOf(ids);
      expect([...completed, ...requeued].sort()).toEqual([...ids].sort());
      expect(await claimsLeft(pool, name)).toBe(0);
      if (requeued.length > 0) rounds.byRecovery += 1;
      else rounds.byCompletion += 1;
    }
    expect(Math.min(rounds.byRecovery, rounds.byCompletion)).toBeGreaterThan(0);
  });
});
