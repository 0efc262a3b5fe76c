import { waitFor } from "@millrace/testpg";
import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { openTransaction } from "../open-transaction.ts";
import { expire } from "../settle/claim-together.ts";
import { anyTask, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

// A recovery finds the jobs of all queues, and so those that another test left.
beforeEach(async () => {
  await workers.pool.query(`TRUNCATE ${JOB_TABLES}`);
});

const nameOf = () => `start-by-${crypto.randomUUID()}`;
const past = () => new Date(Date.now() - 60_000);
const claim = (queue: string) =>
  workers.queue.runs.claim({ queues: [queue], workerId: "w", limit: 10, leaseSeconds: 600 });

/** Lets the instant pass by which a job has to start. */
async function pass(id: string): Promise<void> {
  await workers.pool.query(
    `UPDATE millrace.waiting_jobs SET settings = settings || '{"startBy": 1000}'
     WHERE id = $1 AND settings ? 'startBy'`,
    [id],
  );
}

describe("a job whose instant to start by has passed", () => {
  test("is not claimed, and jobs beside it are", async () => {
    const queue = nameOf();
    await workers.queue.enqueue("t", 1, { queue, startBy: past() });
    const { id } = await workers.queue.enqueue("t", 2, { queue, startBy: new Date(Date.now() + 3_600_000) });
    const free = await workers.queue.enqueue("t", 3, { queue, tags: ["a"] });

    expect((await claim(queue)).map((job) => job.id)).toEqual([id, free.id]);
  });

  test("is canceled by recovery, and says why", async () => {
    const queue = nameOf();
    const { id } = await workers.queue.enqueue(
      "t",
      {},
      { queue, startBy: new Date("2020-01-02T03:04:05.678Z") },
    );

    expect((await workers.queue.runs.recover()).expired).toContain(id);

    expect(await workers.queue.get(id)).toMatchObject({
      state: "canceled",
      lastError: "Not started by 2020-01-02T03:04:05.678Z: no worker claimed the job in time.",
      attempts: 0,
      startBy: new Date("2020-01-02T03:04:05.678Z"),
    });
    expect(await workers.queue.attempts(id)).toEqual([]);
    expect((await workers.queue.runs.recover()).expired).toEqual([]);
  });

  test("counts from when the job is due, with startWithinMs", async () => {
    const queue = nameOf();
    const { id } = await workers.queue.enqueue("t", {}, { queue, startWithinMs: 60_000 });
    expect((await workers.queue.runs.recover()).expired).toEqual([]);
    await pass(id);

    expect((await workers.queue.runs.recover()).expired).toEqual([id]);
  });

  test("is canceled by a running worker, which tells of it", async () => {
    const queue = nameOf();
    const { id } = await workers.queue.enqueue("t", {}, { queue, startBy: past() });
    const { events } = workers.start([anyTask("t", () => undefined)], { queues: [queue] });

    await workers.untilState(id, "canceled");

    await waitFor(() => events.some((event) => event.kind === "expired" && event.ids.includes(id)), {
      description: "the event",
    });
    expect(events.filter((event) => event.kind === "job-started" || event.kind === "recovered")).toEqual([]);
  });

  test("is left while a transaction has locked it, and others are canceled", async () => {
    const queue = nameOf();
    const locked = await workers.queue.enqueue("t", {}, { queue, startBy: past() });
    const other = await workers.queue.enqueue("t", {}, { queue, startBy: past() });
    await using transaction = await openTransaction(workers.pool);
    await transaction.client.query("SELECT FROM millrace.waiting_jobs WHERE id = $1 FOR UPDATE", [locked.id]);

    expect((await workers.queue.runs.recover()).expired).toEqual([other.id]);
    await transaction.end("ROLLBACK");
    expect((await workers.queue.runs.recover()).expired).toEqual([locked.id]);
  });

  test("is canceled in bounded steps", async () => {
    const queue = nameOf();
    await workers.queue.enqueueMany(Array.from({ length: 5 }, () => ({ type: "t", queue, startBy: past() })));

    const { expired } = await workers.queue.runs.recover({ limit: 3 });

    expect(expired).toHaveLength(3);
    expect((await workers.queue.runs.recover({ limit: 3 })).expired).toHaveLength(2);
  });
});

describe("a job that has begun", () => {
  test("is not bound by its instant when its first attempt failed", async () => {
    const queue = nameOf();
    const { id } = await workers.queue.enqueue("t", {}, { queue, startWithinMs: 60_000 });
    const runs = await claim(queue);
    await workers.queue.runs.fail(runs.map((run) => ({ ...run, error: "x", retryInMs: 0 })));
    await pass(id);

    expect((await workers.queue.runs.recover()).expired).toEqual([]);
    expect(await claim(queue)).toMatchObject([{ id, attempt: 2 }]);
  });

  test("is not bound by its instant when its first run crashed", async () => {
    const queue = nameOf();
    const { id } = await workers.queue.enqueue("t", {}, { queue, startWithinMs: 60_000 });
    await claim(queue);
    await expire(workers.pool, queue);
    await workers.queue.runs.recover();
    await pass(id);

    expect((await workers.queue.runs.recover()).expired).toEqual([]);
    expect(await claim(queue)).toMatchObject([{ id, attempt: 1, crashes: 1 }]);
  });

  test("is bound by its instant when its run was given back before it began", async () => {
    const queue = nameOf();
    const { id } = await workers.queue.enqueue("t", {}, { queue, startWithinMs: 60_000 });
    await workers.queue.runs.release(await claim(queue));
    await pass(id);

    expect((await workers.queue.runs.recover()).expired).toEqual([id]);
  });

  test("is bound by its instant when its cancel was undone before it began", async () => {
    const queue = nameOf();
    const { id } = await workers.queue.enqueue("t", {}, { queue, startWithinMs: 60_000 });
    const runs = await claim(queue);
    const ended = runs.map((run) => ({
      ...run,
      error: "e",
      retryInMs: null,
      cancel: "if requested" as const,
    }));
    expect((await workers.queue.runs.fail(ended)).released).toHaveLength(1);
    await pass(id);

    expect((await workers.queue.runs.recover()).expired).toEqual([id]);
  });

  test("that recovery takes back keeps its other settings", async () => {
    const queue = nameOf();
    const { id } = await workers.queue.enqueue("t", {}, { queue, startWithinMs: 60_000, tags: ["a"] });
    await claim(queue);
    await expire(workers.pool, queue);
    await workers.queue.runs.recover();

    expect(await workers.queue.get(id)).toMatchObject({ state: "queued", startBy: null, tags: ["a"] });
  });
});

test("a person's retry of a job that was not started in time runs it", async () => {
  const queue = nameOf();
  const { id } = await workers.queue.enqueue("t", {}, { queue, startBy: past() });
  await workers.queue.runs.recover();

  await workers.queue.retry(id);

  expect((await workers.queue.runs.recover()).expired).toEqual([]);
  expect(await claim(queue)).toMatchObject([{ id }]);
});
