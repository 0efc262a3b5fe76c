import { createQueue, InvalidPayloadError, type JsonValue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type { Pool } from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { jobsPruneTask } from "../src/tasks/jobs-prune.ts";
import { runTask } from "./run-task.ts";

const database = useTestDatabase();
let pool: Pool;
beforeAll(() => {
  pool = database.pool();
});
beforeEach(() => pool.query(`TRUNCATE ${JOB_TABLES}`));

const prune = (payload: JsonValue) => runTask(jobsPruneTask({ queue: createQueue(pool) }), payload);

/** Their ids grow, as those of jobs enqueued one after the other do. */
let inserted = 0;

async function insertJob(type: string, job: { state: string; daysAgo: number }): Promise<void> {
  inserted += 1;
  const id = `00000000-0000-7000-8000-${String(inserted).padStart(12, "0")}`;
  if (job.state === "queued") {
    await pool.query(
      `INSERT INTO millrace.waiting_jobs (id, type, created_at, updated_at)
       SELECT $1, $2, ago, ago FROM (SELECT now() - $3 * interval '1 day' AS ago) AS instant`,
      [id, type, job.daysAgo],
    );
    return;
  }
  await pool.query(
    `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts, max_attempts,
                                      crashes, created_at, ended_at, state)
     SELECT $1, 'default', $2, '{}', 0, ago, 1, 1, 3, 0, ago, ago, $4
     FROM (SELECT now() - $3 * interval '1 day' AS ago) AS instant`,
    [id, type, job.daysAgo, job.state],
  );
}

async function typesLeft(): Promise<string[]> {
  const { rows } = await pool.query<{ type: string }>("SELECT type FROM millrace.jobs ORDER BY type");
  return rows.map((row) => row.type);
}

describe("jobs.prune", () => {
  test("keeps completed jobs 7 days and others 30 days, and unfinished ones for ever", async () => {
    await insertJob("completed-6", { state: "completed", daysAgo: 6 });
    await insertJob("completed-8", { state: "completed", daysAgo: 8 });
    await insertJob("failed-29", { state: "failed", daysAgo: 29 });
    await insertJob("failed-31", { state: "failed", daysAgo: 31 });
    await insertJob("canceled-31", { state: "canceled", daysAgo: 31 });
    await insertJob("queued-400", { state: "queued", daysAgo: 400 });

    expect(await prune({})).toEqual({ deleted: 3 });

    expect(await typesLeft()).toEqual(["completed-6", "failed-29", "queued-400"]);
  });

  test("takes an age for each state, and null keeps a state for ever", async () => {
    await insertJob("completed-2", { state: "completed", daysAgo: 2 });
    await insertJob("failed-400", { state: "failed", daysAgo: 400 });

    expect(await prune({ completed: "1d", failed: null })).toEqual({ deleted: 1 });

    expect(await typesLeft()).toEqual(["failed-400"]);
  });

  test("keeps the newest of a state by number, within an age if one is given", async () => {
    for (const daysAgo of [1, 2, 3, 4])
      await insertJob(`completed-${daysAgo}`, { state: "completed", daysAgo });
    for (const daysAgo of [1, 2, 3]) await insertJob(`failed-${daysAgo}`, { state: "failed", daysAgo });

    expect(await prune({ completed: { keepLast: 3 }, failed: { olderThan: "60h", keepLast: 2 } })).toEqual({
      deleted: 3,
    });

    // The newest are those enqueued last.
    expect(await typesLeft()).toEqual(["completed-2", "completed-3", "completed-4", "failed-2"]);
  });

  test.each([
    { completed: "soon" },
    { queued: "1d" },
    { failed: 7 },
    { failed: {} },
    { failed: { keepLast: -1 } },
    { failed: { keepFirst: 1 } },
  ])("refuses the payload %j", async (payload) => {
    await expect(prune(payload)).rejects.toBeInstanceOf(InvalidPayloadError);
  });
});
