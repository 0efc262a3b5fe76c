import { randomUUID } from "node:crypto";
import type { QueueSettings } from "@millrace/schema/values";
import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask, type TaskOptions, type WorkerEvent, type WorkerOptions } from "../../src/index.ts";
import { useWorkers } from "../use-workers.ts";

const workers = useWorkers();

const anything = z.unknown();
const ANY = { payload: anything, run: () => 1 };
type Options = Partial<TaskOptions<typeof anything>>;

/** Sets a queue as an operator does. */
async function setQueue(name: string, settings: QueueSettings): Promise<void> {
  await workers.pool.query(
    `INSERT INTO millrace.job_queues (name, settings) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET settings = excluded.settings`,
    [name, JSON.stringify(settings)],
  );
}

/** A worker of one task on a queue of its own, whose handler ends only by its time-out. */
function timedOut(task: Options, options: Partial<WorkerOptions> = {}) {
  const name = `limits-${randomUUID()}`;
  const slow = defineTask({
    name,
    queue: name,
    maxAttempts: 2,
    ...task,
    payload: anything,
    run: (_payload, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  return { name, start: () => workers.start([slow], { queues: [name], ...options }).events };
}

/** The event that tells that a job will be retried. */
const retried = (events: readonly WorkerEvent[], id: string) =>
  waitFor(() => events.find((event) => event.kind === "job-retried" && event.job.id === id), {
    description: `job ${id} to be retried`,
  }) as Promise<Extract<WorkerEvent, { kind: "job-retried" }>>;

describe("how a run is limited", () => {
  test.each<
    [string, { worker?: number; queue?: number; task?: number; named?: number; job?: number }, number]
  >([
    ["the worker's defaults", { worker: 40 }, 40],
    ["its queue before the worker", { worker: 60_000, queue: 30 }, 30],
    ["its task before its queue", { worker: 60_000, queue: 60_000, task: 20 }, 20],
    ["what the worker says about the task before the task", { worker: 60_000, task: 60_000, named: 15 }, 15],
    ["the job before all", { named: 60_000, worker: 60_000, queue: 60_000, task: 60_000, job: 10 }, 10],
  ])("is decided by %s, for the time-out and for the backoff", async (_who, given, expected) => {
    const limits = (ms: number | undefined) =>
      ms === undefined ? {} : { timeoutMs: ms, backoff: { baseMs: ms * 1_000, jitterMs: 0, capMs: 1e9 } };
    const name = `limits-${randomUUID()}`;
    const tasks = given.named === undefined ? {} : { tasks: { [name]: limits(given.named) } };
    const { start } = timedOut(
      { name, queue: name, ...limits(given.task) },
      {
        queues: [name],
        defaults: { ...limits(given.worker), ...tasks },
      },
    );
    if (given.queue !== undefined) await setQueue(name, limits(given.queue));
    const { id } = await workers.queue.enqueue(name, {}, { queue: name, ...limits(given.job) });

    const { error, retryInMs } = await retried(start(), id);

    expect(error).toContain(`longer than its time-out of ${expected} ms`);
    expect(retryInMs).toBe(expected * 1_000);
  });

  test("follows a change of its queue while the worker runs, and differs among the jobs of a claim", async () => {
    const { name, start } = timedOut({ backoff: { baseMs: 1_000, jitterMs: 0 } }, { concurrency: 2 });
    const events = start();
    await setQueue(name, { timeoutMs: 30 });
    const { queue } = workers;

    const [plain, own] = await queue.enqueueMany([
      { type: name, queue: name },
      { type: name, queue: name, timeoutMs: 10 },
    ]);

    expect((await retried(events, own?.id ?? "")).error).toContain("time-out of 10 ms");
    expect((await retried(events, plain?.id ?? "")).error).toContain("time-out of 30 ms");
  });

  test("ignores what SQL has put into the settings and nobody can keep", async () => {
    const { name, start } = timedOut({ timeoutMs: 20 });
    await workers.pool.query("INSERT INTO millrace.job_queues (name, settings) VALUES ($1, '[1]')", [name]);
    const { rows } = await workers.pool.query(
      `INSERT INTO millrace.jobs (type, queue, settings) VALUES ($1, $1, '{"timeoutMs": "soon"}') RETURNING id`,
      [name],
    );

    expect((await retried(start(), rows[0].id)).error).toContain("time-out of 20 ms");
  });
});

test("a handler's jobs get the worker's default of attempts, unless they or their task say", async () => {
  const name = `attempts-${randomUUID()}`;
  const child = defineTask({
    name: `${name}-child`,
    queue: `${name}-later`,
    payload: anything,
    run: () => 1,
  });
  const strict = defineTask({
    name: `${name}-strict`,
    queue: `${name}-later`,
    maxAttempts: 7,
    payload: anything,
    run: () => 1,
  });
  const named = defineTask({ ...ANY, name: `${name}-named`, queue: `${name}-later`, maxAttempts: 7 });
  const ids: string[] = [];
  const parent = defineTask({
    name,
    queue: name,
    payload: anything,
    async run(_payload, { enqueue }) {
      const later = { queue: `${name}-later` };
      for (const made of [
        await enqueue(child, {}),
        await enqueue("by-name", {}, later),
        await enqueue(strict, {}),
        await enqueue(child, {}, { maxAttempts: 8 }),
        await enqueue(named, {}),
        await enqueue(named.name, {}, later),
        await enqueue(named, {}, { maxAttempts: 9 }),
      ]) {
        ids.push(made.id);
      }
    },
  });
  workers.start([parent, named], {
    queues: [name],
    defaults: { maxAttempts: 4, tasks: { [named.name]: { maxAttempts: 3 } } },
  });

  const { id } = await workers.queue.enqueue(parent, {});
  await workers.untilState(id, "completed");

  const jobs = await Promise.all(ids.map((each) => workers.queue.get(each)));
  expect(jobs.map((job) => job.maxAttempts)).toEqual([4, 4, 7, 8, 3, 3, 9]);
  expect((await workers.queue.get(id)).maxAttempts).toBe(10);
});
