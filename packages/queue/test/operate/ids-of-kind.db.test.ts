import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createQueue, kindOf, type Queue } from "../../src/index.ts";
import { insertJob, type JobSetup } from "../insert-job.ts";

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

async function ended(error: string | null, job: JobSetup = {}): Promise<string> {
  const id = await insertJob(pool, { state: "failed", queue: "q", type: "mail", ...job });
  await pool.query("UPDATE millrace.ended_jobs SET last_error = $2 WHERE id = $1", [id, error]);
  return id;
}

const kindWith = (lastError: string | null) => kindOf({ type: "mail", queue: "q", lastError });

test("the failed jobs of a kind, the newest first", async () => {
  const first = await ended("Error: timeout after 12 ms\n    at a (a.js:1:2)");
  await ended("Error: refused");
  await ended("Error: timeout after 9 ms", { type: "fax" });
  await ended("Error: timeout after 9 ms", { queue: "other" });
  for (const state of ["canceled", "completed"] as const) await ended("Error: timeout after 9 ms", { state });
  const last = await ended("Error: timeout after 7 ms\n    at b (b.js:9:9)");
  const silent = await ended(null);

  expect(await queue.idsOfKind(kindWith("Error: timeout after 1 ms"))).toEqual({
    ids: [last, first],
    before: null,
  });
  expect(await queue.idsOfKind(kindWith(null))).toEqual({ ids: [silent], before: null });
  expect(await queue.idsOfKind(kindWith("Error: never"))).toEqual({ ids: [], before: null });
});

test("every group of `failures` has its jobs", async () => {
  const texts = [
    "Error: a 1",
    "Error: a 2",
    "Error: 'b'",
    `Error: ${"long ".repeat(300)}`,
    "ZodError: [\n  1\n]",
  ];
  for (const text of texts) await ended(text);

  const { groups } = await queue.failures();

  expect(groups).toHaveLength(4);
  for (const { type, queue: name, fingerprint, count, exampleId } of groups) {
    const { ids } = await queue.idsOfKind({ type, queue: name, fingerprint });
    expect(ids).toHaveLength(count);
    expect(ids).toContain(exampleId);
    expect(kindOf(await queue.get(exampleId))).toEqual({ type, queue: name, fingerprint });
  }
});

test("calls go on where the last ended", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 7; n += 1) {
    ids.unshift(await ended(`Error: number ${n}`));
    await ended("Error: between", { state: "canceled" });
  }
  const found: string[][] = [];
  for (let before: string | null = null, calls = 0; calls < 10; calls += 1) {
    const page: Awaited<ReturnType<Queue["idsOfKind"]>> = await queue.idsOfKind(kindWith("Error: number 0"), {
      limit: 3,
      ...(before !== null && { before }),
    });
    found.push(page.ids);
    before = page.before;
    if (before === null) break;
  }

  expect(found).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)]);
});

test("one call looks at no more than 50,000 jobs, and completed ones do not count", async () => {
  const oldest = await ended("Error: wanted");
  for (const [state, jobs] of [
    ["canceled", 50_000],
    ["completed", 10_000],
  ]) {
    await pool.query(
      `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                        max_attempts, crashes, created_at, ended_at, state)
       SELECT millrace.uuid_v7(), 'q', 'mail', '{}', 0, now(), 1, 1, 3, 0, now(), now(), $1
       FROM generate_series(1, $2::int)`,
      [state, jobs],
    );
  }
  await pool.query("ANALYZE millrace.ended_jobs");

  const { ids, before } = await queue.idsOfKind(kindWith("Error: wanted"));
  expect(ids).toEqual([]);
  expect(before).not.toBeNull();
  expect(await queue.idsOfKind(kindWith("Error: wanted"), { before: before ?? "" })).toEqual({
    ids: [oldest],
    before: null,
  });
});
