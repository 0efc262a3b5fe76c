import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type Clock,
  createQueue,
  createWorker,
  defineTask,
  type Queue,
  type Worker,
} from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { pollingNever } from "../polling-never.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
const workers: Worker[] = [];

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

function startWorker(queues: readonly string[], options: { pollMs: number; clock?: Clock }): string[] {
  const seen: string[] = [];
  const worker = createWorker({
    db: pool,
    queues,
    ...options,
    tasks: [
      defineTask({ name: "t", payload: z.unknown(), run: (_payload, { job }) => void seen.push(job.id) }),
    ],
  });
  workers.push(worker);
  worker.start();
  return seen;
}

async function enqueue(name: string): Promise<string> {
  return (await queue.enqueue("t", {}, { queue: name })).id;
}

async function asleep(name: string): Promise<boolean> {
  const { rows } = await pool.query("SELECT FROM millrace.workers WHERE asleep AND $1 = ANY(queues)", [name]);
  return rows.length > 0;
}

const claim = (name: string) =>
  queue.runs.claim({ queues: [name], workerId: "w", limit: 1, leaseSeconds: 30 });

describe("a paused queue", () => {
  test("gives nothing to a claim, and its jobs wait; others are claimed from as before", async () => {
    const [held, free] = [await enqueue("held"), await enqueue("free")];
    await queue.pause("held");

    expect(await claim("held")).toEqual([]);
    expect((await claim("free")).map((job) => job.id)).toEqual([free]);
    expect((await queue.get(held)).state).toBe("queued");

    await queue.resume("held");
    expect((await claim("held")).map((job) => job.id)).toEqual([held]);
  });

  test("is left alone by a worker at work on it, within its poll, and by one that hears of an enqueue", async () => {
    const seen = startWorker(["busy", "busy-other"], { pollMs: 100 });
    const before = await enqueue("busy");
    await waitFor(() => seen.includes(before), { description: "the queue is claimed from" });

    await queue.pause("busy");
    // Whoever looked for lanes before the pause may claim once more. A job of which nobody is notified, in a lane that
    // held nothing before, is found by a look for lanes that began after the pause, and so knows of it.
    const untold = await insertJob(pool, { queue: "busy-other", priority: -7, attempts: 0 });
    await waitFor(() => seen.includes(untold), { description: "a look for lanes" });
    const paused = await enqueue("busy");
    const other = await enqueue("busy-other");

    await waitFor(() => seen.includes(other), { description: "the other queue is claimed from" });
    const second = await enqueue("busy-other");
    await waitFor(() => seen.includes(second), { description: "and again" });
    expect(seen).not.toContain(paused);
    expect((await queue.get(paused)).leaseToken).toBe(0);
  });

  test("when resumed wakes a worker that sleeps", async () => {
    await queue.pause("dormant");
    const id = await enqueue("dormant");
    const seen = startWorker(["dormant"], { pollMs: 60_000, clock: pollingNever });
    await waitFor(() => asleep("dormant"), { description: "the worker sleeps" });
    expect(seen).toEqual([]);

    await queue.resume("dormant");

    await waitFor(() => seen.includes(id), { description: "the job runs" });
  });

  test("is told with the instant it was first paused, also without jobs", async () => {
    expect([await queue.pause("told"), await queue.pause("told")]).toEqual([true, false]);
    const first = (await queue.queues()).find((each) => each.queue === "told");
    expect(first).toMatchObject({ pausedAt: expect.any(Date), due: 0, oldestDueMs: null });

    expect([await queue.resume("told"), await queue.resume("told")]).toEqual([true, false]);

    expect((await queue.queues()).map((each) => each.queue)).not.toContain("told");
  });

  test.each(["", "x".repeat(101), "a\u0000b"])("refuses a bad name", async (name) => {
    await expect(queue.pause(name)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(queue.resume(name)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});
