import { JOB_STATES } from "@millrace/schema/values";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";

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
    await pool.query("UPDATE millrace.waiting_jobs SET run_at = 'infinity' WHERE id = $1", [id]);

    expect((await queue.get(id)).runAt).toBeNull();
  });

  test.each(JOB_STATES)(
    "a job that is %s has what its state says, and nothing of the other states",
    async (state) => {
      const job = await queue.get(await insertJob(pool, { state, cancelRequested: state === "running" }));

      const has = (field: "leaseUntil" | "cancelRequestedAt" | "completedAt" | "canceledAt") =>
        job[field] !== null;
      expect(job.state).toBe(state);
      expect([has("leaseUntil"), has("cancelRequestedAt")]).toEqual([
        state === "running",
        state === "running",
      ]);
      expect([has("completedAt"), has("canceledAt")]).toEqual([state === "completed", state === "canceled"]);
    },
  );

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

/** Nothing has happened to a job for two days, wherever the job is. */
async function makeOld(id: string | undefined): Promise<void> {
  const old = "now() - interval '2 days'";
  await pool.query(
    `UPDATE millrace.waiting_jobs SET created_at = ${old}, updated_at = ${old} WHERE id = $1`,
    [id],
  );
  await pool.query(
    `UPDATE millrace.claims SET created_ats = ARRAY[${old}], updated_at = ${old} WHERE $1 = ANY(ids)`,
    [id],
  );
  await pool.query(`UPDATE millrace.ended_jobs SET ended_at = ${old} WHERE id = $1`, [id]);
}

describe("prune", () => {
  test("deletes finished jobs of that age with their attempts, and nothing else", async () => {
    const states = ["queued", "running", "completed", "failed", "canceled"] as const;
    const old: Record<string, string> = {};
    for (const state of states) {
      const id = await insertJob(pool, { queue: "prune", state });
      old[state] = id;
      await makeOld(id);
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

  describe("by number", () => {
    async function completed(count: number, { keyed }: { keyed: boolean }): Promise<string[]> {
      await queue.enqueueMany(
        Array.from({ length: count }, (_, n) => ({
          type: "counted",
          queue: "counted",
          ...(keyed ? { idempotencyKey: `${n}-${Math.random()}` } : {}),
        })),
      );
      const runs = await queue.runs.claim({
        queues: ["counted"],
        workerId: "w",
        limit: 100,
        leaseSeconds: 30,
      });
      await queue.runs.complete(runs);
      return runs.map((run) => run.id).sort();
    }

    const idsLeft = async () => (await queue.list({ queue: "counted" })).map((job) => job.id).sort();

    beforeEach(async () => {
      await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts`);
    });

    test("keeps the newest of a state, wherever they are kept, and every job of other states", async () => {
      const moved = await completed(5, { keyed: false });
      const stayed = await completed(5, { keyed: true });
      const failed = await insertJob(pool, { queue: "counted", state: "failed" });
      const { id: queued } = await queue.enqueue("counted", {}, { queue: "counted" });

      const deleted = await queue.prune({ keepLast: 7, states: ["completed"], batchSize: 3 });

      expect(deleted).toBe(3);
      expect(await idsLeft()).toEqual([...moved.slice(3), ...stayed, failed, queued].sort());
    });

    test("counts each state by itself, and leaves a state with fewer alone", async () => {
      const ids = await completed(4, { keyed: false });
      const failed = await insertJob(pool, { queue: "counted", state: "failed" });

      expect(await queue.prune({ keepLast: 2 })).toBe(2);

      expect(await idsLeft()).toEqual([...ids.slice(2), failed].sort());
    });

    test("with 0, keeps none of the state", async () => {
      await completed(4, { keyed: false });

      expect(await queue.prune({ keepLast: 0, states: ["completed"] })).toBe(4);
    });

    test("with an age too, either limit lets a job go", async () => {
      const ids = await completed(4, { keyed: true });
      await makeOld(ids[3]);

      expect(await queue.prune({ keepLast: 2, olderThanMs: 86_400_000 })).toBe(3);

      expect(await idsLeft()).toEqual([ids[2]]);
    });

    test.each([
      [{}, "olderThanMs"],
      [{ keepLast: -1 }, "keepLast"],
      [{ keepLast: 1.5 }, "keepLast"],
    ])("refuses %j, and deletes nothing", async (options, option) => {
      await completed(1, { keyed: false });

      await expect(queue.prune(options)).rejects.toMatchObject({ code: "INVALID_OPTION", option });

      expect(await idsLeft()).toHaveLength(1);
    });
  });

  test("neither waits for a locked job nor makes a claim wait", async () => {
    const locked = await insertJob(pool, { queue: "locked", state: "failed" });
    const due = await insertJob(pool, { queue: "locked" });
    const holder = await pool.connect();
    const pruner = await pool.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM millrace.ended_jobs WHERE id = $1 FOR UPDATE", [locked]);
      await pruner.query("BEGIN");
      await createQueue(pruner).prune({ olderThanMs: 0, states: ["failed"] });

      const claimed = await queue.runs.claim({
        queues: ["locked"],
        workerId: "w",
        limit: 9,
        leaseSeconds: 30,
      });

      expect(claimed.map((job) => job.id)).toEqual([due]);
    } finally {
      await Promise.all([holder.query("ROLLBACK"), pruner.query("ROLLBACK")]);
      holder.release();
      pruner.release();
    }
    expect((await queue.get(locked)).state).toBe("failed");
  });
});
