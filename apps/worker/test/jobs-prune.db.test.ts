import { createQueue, InvalidPayloadError, type JsonValue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testing/vitest";
import type { Pool } from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { jobsPruneTask } from "../src/tasks/jobs-prune.ts";
import { runTask } from "./run-task.ts";

const database = useTestDatabase();
let pool: Pool;
beforeAll(() => {
  pool = database.pool();
});
beforeEach(() => pool.query("DELETE FROM millrace.jobs"));

const prune = (payload: JsonValue) => runTask(jobsPruneTask({ queue: createQueue(pool) }), payload);

async function insertJob(type: string, job: { state: string; daysAgo: number }): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.jobs (type, state, updated_at, completed_at, canceled_at)
     SELECT $1, $2::text, ago, CASE WHEN $2 = 'completed' THEN ago END, CASE WHEN $2 = 'canceled' THEN ago END
     FROM (SELECT now() - $3 * interval '1 day' AS ago) AS instant`,
    [type, job.state, job.daysAgo],
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

  test.each([{ completed: "soon" }, { queued: "1d" }, { failed: 7 }])(
    "refuses the payload %j",
    async (payload) => {
      await expect(prune(payload)).rejects.toBeInstanceOf(InvalidPayloadError);
    },
  );
});
