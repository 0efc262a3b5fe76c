import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ClaimedJob, createQueue, type Queue } from "../../../src/index.ts";
import { lockJob, openTransaction } from "../../open-transaction.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts`);
});

/** Three running jobs of one claim. */
async function claimThree(): Promise<[ClaimedJob, ClaimedJob, ClaimedJob]> {
  await queue.enqueueMany([{ type: "t" }, { type: "t" }, { type: "t" }]);
  const runs = await queue.runs.claim({ queues: ["default"], workerId: "w", limit: 9, leaseSeconds: 30 });
  expect(new Set(runs.map(({ leaseToken }) => leaseToken)).size).toBe(1);
  return runs as [ClaimedJob, ClaimedJob, ClaimedJob];
}

describe("canceling a job of a claim that has others", () => {
  test("waits for nobody who has the claim locked", async () => {
    const [one, two, three] = await claimThree();
    await using _transaction = await lockJob(pool, one.id);

    expect(await queue.cancel(one.id)).toBe("cancel-requested");
    expect(await queue.cancelMany({ all: true })).toMatchObject({
      changed: 0,
      cancelRequested: 3,
      skipped: 0,
    });

    for (const { id } of [one, two, three]) {
      expect(await queue.get(id)).toMatchObject({ state: "running", cancelRequestedAt: expect.any(Date) });
    }
  });

  test("holds up no write about the claim while its transaction is open", async () => {
    const [one, two, three] = await claimThree();
    await using transaction = await openTransaction(pool);
    await queue.cancel(one.id, { tx: transaction.client });
    await queue.cancel(two.id, { tx: transaction.client });

    expect(await queue.runs.extend([one, two, three], 60)).toEqual({
      refused: [],
      locked: [],
      cancelRequested: [],
    });
    expect(await queue.runs.complete([one, three])).toEqual([]);
    await transaction.end("COMMIT");

    expect((await queue.get(one.id)).state).toBe("completed");
    expect((await queue.runs.extend([two], 60)).cancelRequested).toMatchObject([{ id: two.id }]);
  });

  test("asks only that job, and of a filter's jobs those that still run", async () => {
    const [one, two, three] = await claimThree();
    await queue.runs.complete([one]);

    expect(await queue.cancel(two.id)).toBe("cancel-requested");
    expect(await queue.get(three.id)).toMatchObject({ cancelRequestedAt: null });
    await expect(queue.cancel(one.id)).rejects.toMatchObject({ code: "JOB_STATE" });
    expect(await queue.cancelMany({ ids: [one.id, three.id] })).toMatchObject({
      changed: 0,
      cancelRequested: 1,
    });

    const failures = [two, three].map((run) => ({ ...run, error: "x", retryInMs: 0 }));
    expect((await queue.runs.fail(failures)).canceled.map(({ id }) => id).sort()).toEqual(
      [two.id, three.id].sort(),
    );
  });
});
