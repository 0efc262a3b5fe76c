import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
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

describe("the oldest due first", () => {
  const order = "oldest-due" as const;

  test("one page has the jobs as a list has them", async () => {
    await jobsInAllPlaces(pool, 20);

    expect(await queue.search({ order })).toEqual({
      jobs: await queue.list({ order }),
      before: null,
      lookedBackTo: null,
    });
    expect(await queue.search({ order, finishedBefore: new Date() })).toMatchObject({
      jobs: [],
      before: null,
    });
  });

  test.each([
    { limit: 50, rows: 20_000 },
    { limit: 3, rows: 20_000 },
    { limit: 50, rows: 1 },
    { limit: 2, rows: 12 },
  ])("pages of $limit jobs and $rows rows together have every job once", async ({ limit, rows }) => {
    for (let n = 0; n < 30; n += 1) {
      await insertJob(pool, {
        queue: `q${n % 2}`,
        priority: n % 3,
        type: n % 4 === 0 ? "rare" : "t",
        runInSeconds: (n * 7) % 30,
      });
    }

    for (const filter of [{}, { type: "rare" }, { queue: "q1" }]) {
      const expected = idsOf(await queue.list({ ...filter, order, limit: 100 }));
      expect(expected.length).toBeGreaterThan(5);
      expect(foundIn(await pagesOf(queue, { ...filter, order, limit }, rows))).toEqual(expected);
    }
  });

  test("the next page begins where the last ended, though its last job is claimed and due later", async () => {
    for (let n = 0; n < 6; n += 1) await insertJob(pool, { queue: "line", runInSeconds: n - 60 });
    const ids = idsOf(await queue.list({ order }));

    const pages = await pagesOf(queue, { order, limit: 2 }, 100, async ({ jobs }) => {
      await queue.change(jobs.at(-1)?.id ?? "", { delayMs: 3_600_000 });
    });

    expect(foundIn(pages).slice(0, 6)).toEqual(ids);
  });

  test("a page may also begin behind a job, and a job that is gone is told", async () => {
    for (let n = 0; n < 3; n += 1) await insertJob(pool, { queue: "line", runInSeconds: n });
    const [first = "", ...rest] = idsOf(await queue.list({ order }));

    expect(idsOf((await queue.search({ order, before: first })).jobs)).toEqual(rest);
    await queue.deleteMany({ ids: [first] });
    await expect(queue.search({ order, before: first })).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
  });

  test("jobs that wait for something other than time come last, on pages of their own", async () => {
    await insertJob(pool, { queue: "line", runInSeconds: 5 });
    for (let n = 0; n < 3; n += 1) {
      const id = await insertJob(pool, { queue: "line" });
      await pool.query("UPDATE millrace.waiting_jobs SET run_at = 'infinity' WHERE id = $1", [id]);
    }
    const ids = idsOf(await queue.list({ order }));

    expect(foundIn(await pagesOf(queue, { order, limit: 1 }, 100))).toEqual(ids);
    expect(ids).toHaveLength(4);
  });
});
