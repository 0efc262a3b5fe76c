import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Cancel, defineTask, Fatal } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { anyTask, useWorkers } from "../use-workers.ts";
import { deadLetterTools, payloadOf, unique } from "./dead-letter-tools.ts";

const workers = useWorkers();
const { lettersIn, claimed, fail } = deadLetterTools(workers);

/** Lets the lease of a claimed job run out, and takes the job back. */
async function crashed(job: { id: string }, maxCrashes = 0): Promise<void> {
  await workers.pool.query(
    "UPDATE millrace.claims SET lease_until = now() - interval '1 s' WHERE $1 = ANY(ids)",
    [job.id],
  );
  await waitFor(
    async () => {
      await workers.queue.runs.recover({ maxCrashes });
      return (await workers.stateOf(job.id)) !== "running";
    },
    { description: "the job to be taken back" },
  );
}

describe("a final failure", () => {
  test("enqueues a dead letter that says what failed, by whichever way the job failed", async () => {
    const name = unique();
    const letters = `${name}-letters`;
    const ends: Record<string, () => unknown> = {
      "attempts used up": () => {
        throw new Error("again");
      },
      fatal: () => {
        throw new Fatal("for good");
      },
      unstorable: () => ({ big: 1n }),
    };
    const task = defineTask({
      name,
      queue: name,
      maxAttempts: 2,
      backoff: { baseMs: 0, jitterMs: 0 },
      deadLetter: { type: "mourn", queue: letters },
      payload: z.string(),
      run: (how) => ends[how]?.(),
    });
    workers.start([task], { queues: [name] });

    const ids = await workers.queue.enqueueMany(
      Object.keys(ends).map((how) => ({ kind: "millrace.job", task, payload: how }) as const),
    );
    for (const { id } of ids) await workers.untilState(id, "failed");

    const found = new Map((await lettersIn(letters)).map((job) => [payloadOf(job).jobId, job]));
    expect(found.size).toBe(3);
    for (const [at, how] of Object.keys(ends).entries()) {
      const job = await workers.queue.get(ids[at]?.id ?? "");
      const letter = found.get(job.id);
      expect(letter).toMatchObject({
        type: "mourn",
        state: "queued",
        attempts: 0,
        maxAttempts: 10,
        priority: 0,
      });
      expect(payloadOf(letter)).toEqual({
        jobId: job.id,
        type: name,
        queue: name,
        payload: how,
        error: job.lastError,
        attempts: how === "attempts used up" ? 2 : 1,
        failedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
      expect(Math.abs(Date.parse(payloadOf(letter).failedAt) - job.updatedAt.getTime())).toBeLessThan(2);
    }
  });

  test("by too many crashes enqueues one, too", async () => {
    const { letters, job } = await claimed({ order: 7 });

    await crashed(job);

    const [letter, ...others] = await lettersIn(letters);
    expect(others).toEqual([]);
    expect(payloadOf(letter)).toMatchObject({ jobId: job.id, payload: { order: 7 }, attempts: 0 });
    expect(payloadOf(letter).error).toContain("more than the 0 crashes");
  });

  test("and nothing else enqueues one: no retry, no cancel, no completion, no crash that is forgiven", async () => {
    const jobs = await Promise.all([claimed(), claimed(), claimed(), claimed(), claimed()]);
    const [again, canceled, completed, crashing, asked] = jobs;
    const { runs } = workers.queue;

    await runs.fail([{ ...again.job, error: "again", retryInMs: 0 }]);
    await runs.fail([{ ...canceled.job, error: "enough", retryInMs: null, cancel: true }]);
    await runs.complete([completed.job]);
    await crashed(crashing.job, 5);
    await workers.queue.cancel(asked.job.id);
    await fail(asked.job);

    expect(await workers.stateOf(asked.job.id)).toBe("canceled");
    for (const { letters } of jobs) expect(await lettersIn(letters)).toEqual([]);
  });

  test("that is rolled back enqueues none", async () => {
    const { letters, job } = await claimed();
    await using transaction = await openTransaction(workers.pool);
    const failure = { ...job, error: "it broke", retryInMs: null };

    await workers.queue.runs.fail([failure], { tx: transaction.client });
    await transaction.end("ROLLBACK");
    expect(await lettersIn(letters)).toEqual([]);

    await fail(job);
    await fail(job);
    expect(await lettersIn(letters)).toHaveLength(1);
  });

  test("wakes a sleeping worker of the dead letter's queue", async () => {
    const { letters, job } = await claimed();
    const { worker } = workers.start([anyTask("mourn", () => undefined)], {
      queues: [letters],
      pollMs: 60_000,
    });
    await waitFor(
      async () => {
        const { rows } = await workers.pool.query(
          "SELECT asleep FROM millrace.workers WHERE worker_id = $1",
          [worker.workerId],
        );
        return rows[0]?.asleep === true;
      },
      { description: "the worker to sleep" },
    );

    await fail(job);

    const [letter] = await lettersIn(letters);
    await workers.untilState(letter?.id ?? "", "completed");
  });
});

describe("the payload of a dead letter", () => {
  test("may be large, and reaches its handler as it was", async () => {
    const order = { text: "x".repeat(100_000) };
    const { letters, job } = await claimed(order);
    const received: unknown[] = [];

    await fail(job);
    workers.start([anyTask("mourn", (payload) => void received.push(payload))], { queues: [letters] });
    await waitFor(() => received.length === 1, { description: "the dead letter to run" });

    expect(received).toMatchObject([{ jobId: job.id, payload: order }]);
    expect(received[0]).not.toHaveProperty("note");
  });

  test("leaves out a payload that does not fit, and says so", async () => {
    const { letters, job } = await claimed("x".repeat(4_194_304 - 100));

    await fail(job);

    const [letter] = await lettersIn(letters);
    expect(payloadOf(letter)).toMatchObject({ jobId: job.id, payload: null, error: "it broke" });
    expect(payloadOf(letter).note).toMatch(/left out: with it, this payload would have 41\d{5} bytes/);
  });
});

test("a handler that cancels its job enqueues no dead letter", async () => {
  const name = unique();
  const task = anyTask(name, () => {
    throw new Cancel("enough");
  });
  workers.start([task], { queues: [name] });

  const { id } = await workers.queue.enqueue(name, {}, { queue: name, deadLetter: `${name}-letter` });
  await workers.untilState(id, "canceled");

  expect(await workers.queue.list({ type: `${name}-letter` })).toEqual([]);
});
