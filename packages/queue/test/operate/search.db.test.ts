import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type JobFilter, type Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { foundIn, idsOf, jobsInAllPlaces, pagesOf } from "./search-pages.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

describe("the newest first", () => {
  test("without jobs, there is nothing more", async () => {
    expect(await queue.search()).toEqual({ jobs: [], before: null, lookedBackTo: null });
    expect(await queue.search({ state: "queued", finishedBefore: new Date() })).toEqual({
      jobs: [],
      before: null,
      lookedBackTo: null,
    });
  });

  test("one page has the jobs as a list has them", async () => {
    await jobsInAllPlaces(pool, 20);

    expect(await queue.search()).toEqual({ jobs: await queue.list(), before: null, lookedBackTo: null });
  });

  test.each([
    { limit: 50, rows: 20_000 },
    { limit: 3, rows: 20_000 },
    { limit: 50, rows: 1 },
    { limit: 2, rows: 3 },
    { limit: 4, rows: 7 },
  ])("pages of $limit jobs and $rows rows together have every job once", async ({ limit, rows }) => {
    const ids = await jobsInAllPlaces(pool, 31);

    expect(foundIn(await pagesOf(queue, { limit }, rows))).toEqual(ids);
    const rare = ids.filter((_, at) => (30 - at) % 5 === 0);
    expect(foundIn(await pagesOf(queue, { limit, type: "rare" }, rows))).toEqual(rare);
    expect(foundIn(await pagesOf(queue, { limit, state: "failed" }, rows))).toEqual(
      idsOf(await queue.list({ state: "failed" })),
    );
  });

  test("a page without a job that fits says where the next begins, and how far back it looked", async () => {
    const old = await insertJob(pool, { state: "completed", type: "rare" });
    await pool.query("UPDATE millrace.ended_jobs SET created_at = now() - interval '1 hour' WHERE id = $1", [
      old,
    ]);
    for (let n = 0; n < 3; n += 1) await insertJob(pool, { state: "completed" });
    const [, , last] = await queue.list({ type: "t" });

    const first = await queue.search({ type: "rare" }, { rows: 3 });
    const second = await queue.search({ type: "rare", before: first.before ?? "" }, { rows: 3 });

    expect(first).toEqual({ jobs: [], before: last?.id, lookedBackTo: last?.createdAt });
    expect(idsOf(second.jobs)).toEqual([old]);
    expect(second).toMatchObject({ before: null, lookedBackTo: null });
  });

  test("every field of a filter goes with every state and with a page", async () => {
    const { id } = await queue.enqueue("t", {}, { idempotencyKey: "k", tags: ["red"], queue: "q" });
    const past = new Date(0);
    const fields: JobFilter[] = [
      { queue: "q" },
      { type: "t" },
      { ids: [id] },
      { idPrefix: id.slice(0, 20) },
      { idSuffix: id.slice(-8) },
      { idempotencyKey: "k" },
      { tags: ["red"] },
      { payloadContains: {} },
      { errorIncludes: "x" },
      { createdBefore: new Date("2100-01-01") },
      { createdAfter: past },
      { finishedAfter: past },
      { dueBefore: new Date("2100-01-01") },
      { scheduleId: id },
    ];
    for (const state of [undefined, "queued", "running", "completed", "failed", "canceled"] as const) {
      for (const field of fields) {
        const filter = { ...field, ...(state !== undefined && { state }) };
        const jobs = await queue.list(filter);
        expect((await queue.search(filter)).jobs).toEqual(jobs);
        expect(await queue.count(filter)).toEqual({ count: jobs.length, capped: false });
        expect((await queue.search({ ...filter, before: id })).jobs).toEqual([]);
        if (state !== undefined && state !== "queued") continue;
        const due = { ...filter, order: "oldest-due" } as const;
        expect((await queue.search(due)).jobs).toEqual(await queue.list(due));
      }
    }
  });

  test("a search for failed jobs does not look at completed ones", async () => {
    const failed = await insertJob(pool, { state: "failed" });
    for (let n = 0; n < 5; n += 1) await insertJob(pool, { state: "completed" });

    expect(idsOf((await queue.search({ state: "failed" }, { rows: 1 })).jobs)).toEqual([failed]);
  });

  test("jobs with a tag that few jobs have are found at once, and those with a common tag page by page", async () => {
    const tagged = `CASE WHEN n IN (1, 7) THEN '{"tags": ["rare", "common"]}'::jsonb ELSE '{"tags": ["common"]}' END`;
    await pool.query(
      `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                        max_attempts, crashes, created_at, ended_at, state, settings)
       SELECT millrace.uuid_v7(), 'q', 't', '{}', 0, now(), 1, 1, 3, 0, now(), now(), 'completed', ${tagged}
       FROM generate_series(1, 3000) n ORDER BY n`,
    );
    await pool.query(
      `INSERT INTO millrace.waiting_jobs (queue, type, settings)
       SELECT 'q', 't', ${tagged} FROM generate_series(1, 3000) n`,
    );
    await pool.query("ANALYZE millrace.ended_jobs, millrace.waiting_jobs");

    const rare = await queue.search({ tags: ["rare"] }, { rows: 200 });
    const common = await queue.search({ tags: ["common"], type: "none" }, { rows: 200 });

    expect(rare.jobs.map(({ state }) => state).sort()).toEqual([
      "completed",
      "completed",
      "queued",
      "queued",
    ]);
    expect(rare).toMatchObject({ before: null, lookedBackTo: null });
    for (const state of ["queued", "completed"] as const) {
      expect((await queue.search({ tags: ["rare"], state }, { rows: 200 })).jobs).toHaveLength(2);
      expect(await queue.count({ tags: ["rare"], state }, { rows: 200 })).toEqual({
        count: 2,
        capped: false,
      });
    }
    expect(await queue.count({ tags: ["rare"] }, { rows: 200 })).toEqual({ count: 4, capped: false });
    expect(await queue.count({ tags: ["rare"], queue: "q" }, { rows: 200 })).toEqual({
      count: 4,
      capped: false,
    });
    expect(common.jobs).toEqual([]);
    expect(common.before).not.toBeNull();
    expect(await queue.count({ tags: ["common"] }, { rows: 200 })).toEqual({ count: 400, capped: true });
  });

  test("jobs that move between the pages are found, in whichever place they are", async () => {
    const name = "moving";
    for (let n = 0; n < 30; n += 1) await queue.enqueue("t", {}, { queue: name, priority: n % 3 });
    const ids = idsOf(await queue.list({ queue: name }));
    const claim = () => queue.runs.claim({ queues: [name], workerId: "w", limit: 4, leaseSeconds: 60 });
    const moves = [
      async () => void (await claim()),
      async () => void (await queue.runs.complete(await claim())),
      async () =>
        void (await queue.runs.fail((await claim()).map((run) => ({ ...run, error: "x", retryInMs: 0 })))),
      async () => void (await queue.retryMany({ all: true })),
      async () => void (await queue.retryMany({ queue: name, state: "completed" })),
    ];
    let move = 0;

    const pages = await pagesOf(queue, { queue: name, limit: 4 }, 5, async () => {
      await moves[move % moves.length]?.();
      move += 1;
    });

    expect(foundIn(pages)).toEqual(ids);
    expect(pages.length).toBeGreaterThan(7);
  });

  test("a filter by time begins and ends at the ids of that time", async () => {
    const ofDay = (day: string) => `${Date.parse(day).toString(16).padStart(12, "0")}70008000000000000000`;
    const days = ["2026-03-01", "2026-03-10", "2026-03-20"];
    for (const day of days) {
      await pool.query(
        `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                          max_attempts, crashes, created_at, ended_at, state)
         VALUES ($1, 'q', 't', '{}', 0, $2, 1, 1, 1, 0, $2, $2::timestamptz + interval '1 day', 'completed')`,
        [ofDay(day), `${day}T00:00:00Z`],
      );
    }
    const [last, middle, first] = idsOf(await queue.list());
    const at = (day: string) => new Date(`${day}T00:00:00Z`);
    const search = async (filter: JobFilter) => {
      const { jobs, before } = await queue.search(filter, { rows: 1 });
      return [idsOf(jobs), before];
    };

    // Each looks at one job: the first that it looks at is the one that fits.
    expect(await search({ createdBefore: at("2026-03-12") })).toEqual([[middle], middle]);
    expect(await search({ finishedBefore: at("2026-03-05") })).toEqual([[first], first]);
    expect(await search({ createdAfter: at("2026-03-15") })).toEqual([[last], last]);
    expect(await search({ createdAfter: at("2026-03-15"), before: last ?? "" })).toEqual([[], null]);
    expect(await search({ createdAfter: at("2026-03-05"), finishedBefore: at("2026-03-19") })).toEqual([
      [middle],
      middle,
    ]);
  });
});
