import { executorOf } from "@millrace/base";
import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claimJobs } from "../../src/claim/claim-jobs.sql.ts";
import { type ClaimedJob, type Clock, createQueue, type Queue, systemClock } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { runTask } from "../run-worker.ts";
import { type ClaimedTogether, claimTogether, leaseOf } from "../settle/claim-together.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

async function requests(): Promise<string[]> {
  const { rows } = await pool.query<{ job_id: string }>("SELECT job_id FROM millrace.cancel_requests");
  return rows.map((row) => row.job_id);
}

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

/** Claims the one job of a queue that is due. */
async function claimAgain(name: string): Promise<ClaimedJob> {
  const [run] = await queue.runs.claim({ queues: [name], workerId: "next", limit: 1, leaseSeconds: 30 });
  if (run === undefined) throw new Error("The job must be due");
  return run;
}

/** A run that is retried while a transaction that asks to cancel it is open, and which then commits. */
async function retryBeforeRequest(
  { runs: [run] }: ClaimedTogether,
  retryInMs: number,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<string> {
  if (run === undefined) throw new Error("A job was claimed");
  await using transaction = await openTransaction(pool);
  expect(await queue.cancel(run.id, { tx: transaction.client })).toBe("cancel-requested");

  expect((await queue.runs.fail([{ ...run, error: "x", retryInMs }])).retried).toEqual([leaseOf(run)]);
  await meanwhile();
  await transaction.end("COMMIT");
  return run.id;
}

describe("a request to cancel a run that commits after the run was retried", () => {
  test("cancels the waiting job at the next recovery, and is gone", async () => {
    const claimed = await claimTogether(pool, 1);
    const id = await retryBeforeRequest(claimed, 3_600_000);

    expect(await queue.runs.recover()).toEqual({ requeued: [], failed: [], canceled: [id], expired: [] });

    expect(await queue.get(id)).toMatchObject({ state: "canceled", attempts: 1 });
    expect(await requests()).toEqual([]);
  });

  test("does so, too, while other jobs of that run's claim still run", async () => {
    const claimed = await claimTogether(pool, 3);
    const id = await retryBeforeRequest(claimed, 3_600_000);

    expect((await queue.runs.recover()).canceled).toEqual([id]);

    expect(await queue.get(id)).toMatchObject({ state: "canceled" });
    expect(await requests()).toEqual([]);
    expect(await queue.runs.complete(claimed.runs)).toEqual([
      { id, leaseToken: claimed.runs[0]?.leaseToken },
    ]);
  });

  test("reaches the job's next run when its lease is renewed, and that run ends as canceled", async () => {
    const claimed = await claimTogether(pool, 3);
    let next: ClaimedJob | undefined;
    const id = await retryBeforeRequest(claimed, 0, async () => {
      next = await claimAgain(claimed.queue);
    });
    if (next === undefined) throw new Error("The job was claimed again");
    const [, ...others] = claimed.runs;

    // A recovery in between leaves the request to the run.
    expect((await queue.runs.recover()).canceled).toEqual([]);
    const extended = await queue.runs.extend([next, ...others], 30);

    expect(extended).toEqual({ refused: [], locked: [], cancelRequested: [next] });
    const failure = { ...next, error: "asked to stop", retryInMs: 0 };
    expect((await queue.runs.fail([failure])).canceled).toEqual([{ id, leaseToken: next.leaseToken }]);
    expect(await queue.get(id)).toMatchObject({ state: "canceled" });
    expect(await requests()).toEqual([]);
    expect(await queue.runs.complete(others)).toEqual([]);
  });

  test("stays if a worker claims the job while recovery would cancel it: the next run is asked", async () => {
    const claimed = await claimTogether(pool, 1);
    const id = await retryBeforeRequest(claimed, 0);
    await using transaction = await openTransaction(pool);
    const { jobs } = await claimJobs(executorOf(transaction.client), {
      lanes: [{ queue: claimed.queue, priority: 0, mark: null }],
      limit: 1,
      leaseSeconds: 30,
      workerId: "next",
    });

    // It waits for no transaction.
    expect((await queue.runs.recover()).canceled).toEqual([]);
    await transaction.end("COMMIT");

    expect((await queue.runs.extend(jobs, 30)).cancelRequested.map((run) => run.id)).toEqual([id]);
    const failures = jobs.map((run) => ({ ...run, error: "asked to stop", retryInMs: 0 }));
    expect((await queue.runs.fail(failures)).canceled).toHaveLength(1);
    expect(await requests()).toEqual([]);
  });

  test("is left for later while a transaction has the waiting job, and recovery takes back other runs", async () => {
    const claimed = await claimTogether(pool, 1);
    const id = await retryBeforeRequest(claimed, 3_600_000);
    const dead = await claimTogether(pool, 2);
    await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 s' WHERE queue = $1", [
      dead.queue,
    ]);
    await using transaction = await openTransaction(pool);
    expect(await queue.cancel(id, { tx: transaction.client })).toBe("canceled");

    const { requeued, canceled } = await queue.runs.recover();

    expect(requeued.sort()).toEqual([...dead.ids].sort());
    expect(canceled).toEqual([]);
    await transaction.end("ROLLBACK");
    expect((await queue.runs.recover()).canceled).toEqual([id]);
  });

  test("is forgotten when the run completed: the job is completed, and a job that is retried runs", async () => {
    const { runs } = await claimTogether(pool, 2);
    const [done, failed] = runs;
    if (done === undefined || failed === undefined) throw new Error("Two jobs were claimed");
    await using transaction = await openTransaction(pool);
    for (const run of runs) await queue.cancel(run.id, { tx: transaction.client });
    expect(await queue.runs.complete([done])).toEqual([]);
    await queue.runs.fail([{ ...failed, error: "x", retryInMs: null }]);
    await transaction.end("COMMIT");
    await queue.retry(failed.id);

    expect((await queue.runs.recover()).canceled).toEqual([]);

    expect(await requests()).toEqual([]);
    expect([(await queue.get(done.id)).state, (await queue.get(failed.id)).state]).toEqual([
      "completed",
      "queued",
    ]);
  });
});

/** A third of a lease of 30 s passes in 50 ms. */
const hurried: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms === 10_000 ? 50 : ms, callback),
};

test("a worker that runs a job again before the request commits is asked, and its handler aborted", async () => {
  const contexts: AbortSignal[] = [];
  const asked = Promise.withResolvers<void>();
  await using task = runTask(
    pool,
    async (_payload, { signal }) => {
      contexts.push(signal);
      if (contexts.length === 1) {
        await asked.promise;
        throw new Error("the first run fails");
      }
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    },
    { clock: hurried, renewal: "loop", leaseSeconds: 30 },
  );
  const id = await task.enqueue();
  await waitFor(() => contexts.length === 1, { description: "the first run" });
  await using transaction = await openTransaction(pool);
  await queue.cancel(id, { tx: transaction.client });
  asked.resolve();
  await waitFor(() => contexts.length === 2, { description: "the next run" });

  await transaction.end("COMMIT");

  expect((await task.told("job-canceled", id)).state).toBe("canceled");
  expect(contexts[1]?.reason).toMatchObject({ code: "JOB_CANCELED" });
  expect(await requests()).toEqual([]);
});

test("a claim says which of its jobs are asked to stop, and of no others", async () => {
  const name = `asked-${Math.random()}`;
  const ids = (await queue.enqueueMany([1, 2, 3].map(() => ({ type: "t", queue: name })))).map(
    ({ id }) => id,
  );
  await pool.query("INSERT INTO millrace.cancel_requests (job_id) VALUES ($1)", [ids[1]]);

  const { jobs, cancelRequested } = await claimJobs(executorOf(pool), {
    lanes: [{ queue: name, priority: 0, mark: null }],
    limit: 3,
    leaseSeconds: 30,
    workerId: "next",
  });

  expect(jobs.map(({ id }) => id)).toEqual(ids);
  expect([...cancelRequested]).toEqual([ids[1]]);
});
