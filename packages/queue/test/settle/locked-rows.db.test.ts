import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Clock,
  createQueue,
  type Executor,
  type JsonValue,
  type Queue,
  systemClock,
} from "../../src/index.ts";
import { ABANDON_AFTER_MS } from "../../src/run/run-job.ts";
import { lockJob, openTransaction } from "../open-transaction.ts";
import { runTask } from "../run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** What a stop waits for handlers that were aborted, twice 5 s, passes at once. */
const hurried: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms === 2 * ABANDON_AFTER_MS ? 100 : ms, callback),
};

/** A handler that ends, or throws, when the test lets it; the jobs that do not wait end at once. */
function heldBack() {
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  return {
    begun,
    gate,
    async run(payload: unknown, { job }: { job: { id: string } }) {
      const { waits, throws } = payload as { waits?: boolean; throws?: boolean };
      begun.push(job.id);
      if (waits) await gate.promise;
      if (throws) throw new Error("as it was told");
    },
  };
}

describe("a running job whose claim a transaction leaves locked", () => {
  test.each([
    ["completes", { waits: true }, "completed"],
    ["fails", { waits: true, throws: true }, "canceled"],
  ] as const)("holds up no other job's end when it %s, and ends after it", async (_how, payload, state) => {
    const held = heldBack();
    // No lease of a locked claim is renewed, however long the other jobs take.
    await using task = runTask(pool, held.run, { concurrency: 4, leaseSeconds: 600 });
    const locked = await task.enqueue(payload, { maxAttempts: 1 });
    await waitFor(() => held.begun.includes(locked), { description: "the job to run" });
    await using transaction = await lockJob(pool, locked);
    // Committed before the handler ends: a request of which no statement can have an older snapshot.
    expect(await queue.cancel(locked)).toBe("cancel-requested");

    held.gate.resolve();
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, n) => task.enqueue({ throws: n % 2 === 0 }, { maxAttempts: 1 })),
    );
    await waitFor(
      async () =>
        (await Promise.all(others.map((id) => queue.get(id)))).every(
          (job) => job.completedAt || job.state === "failed",
        ),
      { description: "the other jobs to end" },
    );

    expect((await queue.get(locked)).state).toBe("running");
    await transaction.end("COMMIT");
    // Canceled as it was, a run that failed ends so; one that returned has done its work.
    await waitFor(async () => (await queue.get(locked)).state === state, { description: "the job to end" });
  });

  test("does not keep its worker from stopping, and is left to recovery", async () => {
    const held = heldBack();
    const task = runTask(pool, held.run, { clock: hurried });
    const locked = await task.enqueue({ waits: true });
    await waitFor(() => held.begun.includes(locked), { description: "the job to run" });
    await using transaction = await lockJob(pool, locked);
    await queue.cancel(locked, { tx: transaction.client });
    held.gate.resolve();

    await task.worker.stop();

    expect((await queue.get(locked)).state).toBe("running");
    await transaction.end("ROLLBACK");
    await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 s' WHERE $1 = ANY(ids)", [
      locked,
    ]);
    expect((await queue.runs.recover()).requeued).toEqual([locked]);
  });
});

test("a completion that a statement time-out cuts off is written later, and the job does not run again", async () => {
  const runs: JsonValue[] = [];
  await using transaction = await openTransaction(pool);
  // Whoever ends a job waits for this lock, until a time-out that no other statement has.
  await transaction.client.query("LOCK TABLE millrace.ended_jobs IN SHARE MODE");
  let isLocked = true;
  const db: Executor = {
    async query(text, values) {
      if (!isLocked || !text.includes("INSERT INTO millrace.ended_jobs")) return pool.query(text, values);
      await using impatient = await openTransaction(pool);
      await impatient.client.query("SET LOCAL statement_timeout = 50");
      const written = await impatient.client.query(text, values);
      await impatient.end("COMMIT");
      return written;
    },
  };
  await using task = runTask(pool, (payload) => void runs.push(payload as JsonValue), { db });
  const id = await task.enqueue({ n: 1 });
  await waitFor(() => task.events.some((event) => event.kind === "error" && event.during === "settle"), {
    description: "a completion to be cut off",
  });
  isLocked = false;
  await transaction.end("COMMIT");

  await task.told("job-completed", id);
  expect(runs).toEqual([{ n: 1 }]);
  expect(await queue.attempts(id)).toEqual([]);
});
