import { randomUUID } from "node:crypto";
import type { QueueSettings } from "@millrace/schema/values";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, defineTask, type Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});
beforeEach(() => pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_queues`));

const HOUR_MS = 3_600_000;

interface Ended {
  hoursAgo: number;
  state?: "completed" | "failed" | "canceled";
  queue?: string;
  settings?: object;
}

/** A job that ended so many hours ago. */
async function ended({ hoursAgo, state = "completed", queue = "default", settings }: Ended): Promise<string> {
  const id = await insertJob(pool, { state, queue });
  await pool.query(
    `UPDATE millrace.ended_jobs SET ended_at = now() - $2 * interval '1 hour', settings = $3 WHERE id = $1`,
    [id, hoursAgo, settings === undefined ? null : JSON.stringify(settings)],
  );
  return id;
}

async function setQueue(name: string, settings: QueueSettings | Record<string, unknown>): Promise<void> {
  await pool.query("INSERT INTO millrace.job_queues (name, settings) VALUES ($1, $2)", [
    name,
    JSON.stringify(settings),
  ]);
}

const idsLeft = async () => (await queue.list({ limit: 100 })).map((job) => job.id).sort();

describe("how long a job is kept", () => {
  test("is what the job says, shorter or longer than the rule", async () => {
    const shorter = await ended({ hoursAgo: 2, settings: { retentionMs: HOUR_MS } });
    const longer = await ended({ hoursAgo: 30, settings: { retentionMs: 48 * HOUR_MS } });
    const young = await ended({ hoursAgo: 2, settings: { tags: ["a"] } });
    const old = await ended({ hoursAgo: 30 });

    expect(await queue.prune({ olderThanMs: 24 * HOUR_MS, batchSize: 1 })).toBe(2);

    expect(await idsLeft()).toEqual([longer, young].sort());
    expect([shorter, old]).toHaveLength(2);
  });

  test("is what its queue says, if the job says nothing", async () => {
    await setQueue("brief", { retentionMs: HOUR_MS });
    await setQueue("long", { retentionMs: 48 * HOUR_MS });
    await ended({ hoursAgo: 2, queue: "brief" });
    const own = await ended({ hoursAgo: 2, queue: "brief", settings: { retentionMs: 3 * HOUR_MS } });
    const long = await ended({ hoursAgo: 30, queue: "long" });
    await ended({ hoursAgo: 30, queue: "other" });

    expect(await queue.prune({ olderThanMs: 24 * HOUR_MS })).toBe(2);

    expect(await idsLeft()).toEqual([own, long].sort());
  });

  test("comes before the number of jobs to keep, and only states that are pruned are looked at", async () => {
    const kept = await ended({ hoursAgo: 2, settings: { retentionMs: 3 * HOUR_MS } });
    await ended({ hoursAgo: 2 });
    const failed = await ended({ hoursAgo: 2, state: "failed", settings: { retentionMs: 0 } });

    expect(await queue.prune({ keepLast: 0, states: ["completed"] })).toBe(1);

    expect(await idsLeft()).toEqual([kept, failed].sort());
  });

  test("is stored with a job of a task, unless its enqueue says otherwise", async () => {
    const task = defineTask({
      name: `kept-${randomUUID()}`,
      retentionMs: HOUR_MS,
      payload: z.unknown(),
      run: () => undefined,
    });

    const byTask = await queue.enqueue(task, {});
    const own = await queue.enqueue(task, {}, { retentionMs: 5 });
    const byName = await queue.enqueue(task.name, {});

    const settings = await Promise.all(
      [byTask, own, byName].map(async ({ id }) => (await queue.get(id)).settings),
    );
    expect(settings).toEqual([{ retentionMs: HOUR_MS }, { retentionMs: 5 }, {}]);
  });

  test("is the rule if SQL put no number into the settings", async () => {
    await setQueue("odd", { retentionMs: "7 days" });
    await ended({ hoursAgo: 30, queue: "odd", settings: { retentionMs: null } });
    await ended({ hoursAgo: 30, settings: { retentionMs: "soon" } });
    const huge = await insertJob(pool, { state: "failed" });
    await pool.query(
      `UPDATE millrace.ended_jobs SET ended_at = now() - interval '30 hours', settings = '{"retentionMs": 1e400}'
       WHERE id = $1`,
      [huge],
    );

    expect(await queue.prune({ olderThanMs: 24 * HOUR_MS })).toBe(2);

    expect(await idsLeft()).toEqual([huge]);
  });
});
