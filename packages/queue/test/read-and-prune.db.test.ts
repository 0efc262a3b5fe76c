import { useTestDatabase } from "@millrace/testing/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../src/index.ts";
import { insertJob } from "./insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

describe("list and stats", () => {
  test("pages through a filter, newest first, each job once", async () => {
    const made = (
      await queue.enqueueMany(Array.from({ length: 7 }, () => ({ type: "paged", queue: "pages" })))
    ).map((result) => result.id);
    await queue.enqueue("other", {}, { queue: "pages" });

    const seen: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await queue.list({ type: "paged", limit: 3, ...(before === undefined ? {} : { before }) });
      if (page.length === 0) break;
      seen.push(...page.map((job) => job.id));
      before = page.at(-1)?.id;
    }

    expect(seen).toEqual([...made].sort().reverse());
  });

  test("stats count each state and tell how long due jobs have waited", async () => {
    await insertJob(pool, { queue: "stats", runInSeconds: -100 });
    await insertJob(pool, { queue: "stats", runInSeconds: 100 });
    await insertJob(pool, { queue: "stats", state: "failed" });

    const stats = (await queue.stats()).find((each) => each.queue === "stats");

    expect(stats).toMatchObject({
      counts: { queued: 2, running: 0, completed: 0, failed: 1, canceled: 0 },
      due: 1,
    });
    expect(stats?.oldestDueMs).toBeGreaterThanOrEqual(100_000);
  });

  test("a job that waits for something else than time has no due instant", async () => {
    const id = await insertJob(pool, {});
    await pool.query("UPDATE millrace.jobs SET run_at = 'infinity' WHERE id = $1", [id]);

    expect((await queue.get(id)).runAt).toBeNull();
  });

  test.each(["7", "", "zzzzzzzz-0000-7000-8000-000000000000"])(
    "the id %j is refused as no id",
    async (id) => {
      await expect(queue.get(id)).rejects.toMatchObject({ code: "INVALID_OPTION" });
      await expect(queue.get("00000000-0000-7000-8000-000000000000")).rejects.toMatchObject({
        code: "JOB_NOT_FOUND",
      });
    },
  );
});

describe("prune", () => {
  test("deletes finished jobs of that age with their attempts, and nothing else", async () => {
    const states = ["queued", "running", "completed", "failed", "canceled"] as const;
    const old: Record<string, string> = {};
    for (const state of states) {
      const id = await insertJob(pool, { queue: "prune", state });
      old[state] = id;
      await pool.query("UPDATE millrace.jobs SET updated_at = now() - interval '2 days' WHERE id = $1", [id]);
      await pool.query(
        "INSERT INTO millrace.job_attempts (job_id, lease_token, attempt, outcome) VALUES ($1, 1, 1, 'retried')",
        [id],
      );
    }
    const young = await insertJob(pool, { queue: "prune", state: "completed" });

    const deleted = await queue.prune({
      olderThanMs: 86_400_000,
      states: ["completed", "failed"],
      batchSize: 2,
    });

    expect(deleted).toBe(2);
    const left = (await queue.list({ queue: "prune" })).map((job) => job.id);
    expect(left.sort()).toEqual([old["queued"], old["running"], old["canceled"], young].sort());
    const { rows } = await pool.query("SELECT count(*)::int AS n FROM millrace.job_attempts");
    expect(rows).toEqual([{ n: 3 }]);
  });
});
