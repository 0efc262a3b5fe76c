import { randomUUID } from "node:crypto";
import { waitFor } from "@millrace/testpg";
import { expect, test } from "vitest";
import { insertJob } from "../insert-job.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

const statusOf = async (id: string) => (await workers.queue.workers()).find((each) => each.id === id);

test("workers() tells what a worker claims from, its tasks, and what it runs since when", async () => {
  const [queue, type, workerId] = [randomUUID(), randomUUID(), randomUUID()];
  const held = heldHandler();
  workers.start([anyTask(type, held.run)], { workerId, queues: [queue], concurrency: 2 });
  for (let n = 0; n < 3; n += 1) await workers.queue.enqueue(type, {}, { queue });
  await waitFor(() => held.begun.length === 2, { description: "two jobs run" });

  const status = await statusOf(workerId);

  expect(status).toMatchObject({ queues: [queue], types: [type], alive: true });
  expect(status?.running).toBeGreaterThanOrEqual(2);
  const jobs = (await workers.queue.list({ queue, state: "running" })).filter(
    (job) => job.lastRunAt !== null,
  );
  const begun = jobs.map((job) => job.lastRunAt?.getTime() ?? 0);
  expect(status?.oldestRunAt?.getTime()).toBe(Math.min(...begun));
  const ends = jobs.map((job) => job.leaseUntil?.getTime() ?? 0);
  expect(status?.leaseUntil?.getTime()).toBeGreaterThanOrEqual(Math.min(...ends));
  expect(status?.seenAt?.getTime()).toBeGreaterThanOrEqual(status?.startedAt?.getTime() ?? Number.NaN);
  held.release();
});

test("an idle worker sleeps and runs nothing; one that was not seen for 30 s is not alive", async () => {
  const [idle, gone] = [randomUUID(), randomUUID()];
  workers.start([anyTask("t", () => {})], { workerId: idle, queues: [randomUUID()], pollMs: 60_000 });
  await workers.pool.query(
    `INSERT INTO millrace.workers (worker_id, queues, types, asleep, seen_at)
     VALUES ($1, '{a}', '{t}', true, now() - interval '31 seconds')`,
    [gone],
  );

  await waitFor(async () => (await statusOf(idle))?.asleep, { description: "the worker sleeps" });

  expect(await statusOf(idle)).toMatchObject({
    alive: true,
    running: 0,
    oldestRunAt: null,
    leaseUntil: null,
  });
  expect(await statusOf(gone)).toMatchObject({ alive: false, queues: ["a"], seenAt: expect.any(Date) });
});

test("a program that only claims is listed by its claims, of which ended jobs are no part", async () => {
  const [queue, workerId] = [randomUUID(), randomUUID()];
  for (let n = 0; n < 3; n += 1) await insertJob(workers.pool, { queue });
  const claim = { queues: [queue], workerId, limit: 3, leaseSeconds: 60 };
  const [first] = await workers.queue.runs.claim(claim);
  await workers.queue.runs.complete(first === undefined ? [] : [first]);

  expect(await statusOf(workerId)).toMatchObject({
    queues: [],
    types: [],
    startedAt: null,
    seenAt: null,
    alive: false,
    running: 2,
    oldestRunAt: expect.any(Date),
    leaseUntil: expect.any(Date),
  });
});
