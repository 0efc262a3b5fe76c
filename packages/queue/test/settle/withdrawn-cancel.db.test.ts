import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, expect, test } from "vitest";
import type { ClaimedJob, FailResult } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { untilBlocked } from "../until-blocked.ts";
import { useWorkers } from "../use-workers.ts";
import { expire } from "./claim-together.ts";

const workers = useWorkers();

beforeEach(async () => {
  await workers.pool.query(`TRUNCATE ${JOB_TABLES}`);
});

const NOTHING: FailResult = { retried: [], failed: [], canceled: [], released: [], refused: [] };

/** A running job on its only attempt, whose cancel is requested. */
async function askedRun(): Promise<ClaimedJob> {
  const { id } = await workers.queue.enqueue("t", {}, { maxAttempts: 1 });
  const [run] = await workers.queue.runs.claim({
    queues: ["default"],
    workerId: "w",
    limit: 1,
    leaseSeconds: 600,
  });
  if (run === undefined) throw new Error("the job was not claimed");
  await workers.queue.cancel(id);
  return run;
}

const stopped = (run: ClaimedJob) =>
  workers.queue.runs.fail([{ ...run, error: "stopped", retryInMs: 0, cancel: "if requested" }]);

const leaseOf = ({ id, leaseToken }: ClaimedJob) => ({ id, leaseToken });

/** What may end a run while an undo of its cancel is not yet committed. */
const WRITES = {
  async fail(run: ClaimedJob) {
    expect(await stopped(run)).toEqual({ ...NOTHING, released: [leaseOf(run)] });
  },
  async release(run: ClaimedJob) {
    expect(await workers.queue.runs.release([run])).toEqual([]);
  },
  async recover({ queue }: ClaimedJob) {
    await expire(workers.pool, queue);
    expect(await workers.queue.runs.recover()).toMatchObject({ canceled: [] });
  },
};

test.each(["fail", "release"] as const)(
  "a %s that waits for the end of an undo queues the job again, and counts no attempt",
  async (write) => {
    const run = await askedRun();
    await using undo = await openTransaction(workers.pool);
    await undo.client.query("DELETE FROM millrace.cancel_requests");

    const written = WRITES[write](run);
    await untilBlocked(workers.pool);
    await undo.end("COMMIT");
    await written;

    const job = await workers.queue.get(run.id);
    expect(job).toMatchObject({ state: "queued", attempts: 0, lastError: null });
    expect(await workers.queue.attempts(run.id)).toEqual([]);
  },
);

test("a recovery that waits for the end of an undo queues the job again", async () => {
  const run = await askedRun();
  await workers.pool.query("UPDATE millrace.claims SET max_attempts = '{2}'");
  await using undo = await openTransaction(workers.pool);
  await undo.client.query("DELETE FROM millrace.cancel_requests");

  const written = WRITES.recover(run);
  await untilBlocked(workers.pool);
  await undo.end("COMMIT");
  await written;

  expect(await workers.stateOf(run.id)).toBe("queued");
});

test("an undo that is rolled back withdraws nothing: the job is canceled", async () => {
  const run = await askedRun();
  await using undo = await openTransaction(workers.pool);
  await undo.client.query("DELETE FROM millrace.cancel_requests");

  const written = stopped(run);
  await untilBlocked(workers.pool);
  await undo.end("ROLLBACK");

  expect(await written).toEqual({ ...NOTHING, canceled: [leaseOf(run)] });
  expect((await workers.pool.query("SELECT FROM millrace.cancel_requests")).rowCount).toBe(0);
});

test("a request that stands cancels the job, and a value that is no answer is refused", async () => {
  const run = await askedRun();
  // The cast is safe: the call is wrong on purpose.
  const wrong = { ...run, error: "e", retryInMs: 0, cancel: "if asked" as "if requested" };

  await expect(workers.queue.runs.fail([wrong])).rejects.toThrow('true, false or "if requested"');
  expect(await stopped(run)).toEqual({ ...NOTHING, canceled: [leaseOf(run)] });
});
