import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Executor, type JobFilter, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

const JOBS = 100_000;

beforeAll(async () => {
  pool = database.pool();
  queue = createQueue(pool);
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
  const settings = `CASE WHEN n % 10000 = 0 THEN '{"tags": ["rare"]}'::jsonb
                         WHEN n % 2 = 0 THEN '{"tags": ["common"]}' END`;
  await pool.query(
    `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                      max_attempts, crashes, created_at, ended_at, state, settings)
     SELECT millrace.uuid_v7(), 'default', 't', '{}', 0, now(), 1, 1, 3, 0, now(), now(), 'completed', ${settings}
     FROM generate_series(1, $1::int) n`,
    [JOBS],
  );
  await pool.query(
    `INSERT INTO millrace.waiting_jobs (queue, type, priority, run_at, settings)
     SELECT 'q' || n % 20, 't', n % 5, now() + (n * 7919 % $1::int) * interval '1 second', ${settings}
     FROM generate_series(1, $1::int) n`,
    [JOBS],
  );
  await pool.query("ANALYZE millrace.ended_jobs, millrace.waiting_jobs");
}, 120_000);

interface PlanNode {
  "Node Type": string;
  "Index Name"?: string;
  Plans?: PlanNode[];
}

const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** How many pages of 8 kB a list reads, and by which indexes. */
async function costOf(filter: JobFilter): Promise<{ pages: number; indexes: Set<string> }> {
  let pages = 0;
  const indexes = new Set<string>();
  const explaining: Executor = {
    async query(text, values) {
      if (text.includes("run_at::text AS at")) return pool.query(text, values);
      const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
      const plan = rows[0]["QUERY PLAN"][0].Plan;
      pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
      for (const node of nodesOf(plan)) if (node["Index Name"] !== undefined) indexes.add(node["Index Name"]);
      return { rows: [] };
    },
  };
  await createQueue(explaining).list(filter);
  return { pages, indexes };
}

describe(`among ${2 * JOBS} jobs, a list reads few pages`, () => {
  test("of the newest jobs", async () => {
    expect((await costOf({})).pages).toBeLessThan(2_000);
    expect((await costOf({ tags: ["common"] })).pages).toBeLessThan(2_000);
  });

  test("by a tag that few jobs have: by the indexes on tags", async () => {
    const { pages, indexes } = await costOf({ tags: ["rare"] });

    expect([...indexes]).toEqual(expect.arrayContaining(["ended_jobs_tags_idx", "waiting_jobs_tags_idx"]));
    expect(pages).toBeLessThan(3_000);
  });

  test("by ids, a part of an id, or a key", async () => {
    const [job] = await queue.list({ limit: 1, state: "completed" });
    const id = job?.id ?? "";
    await queue.enqueue("t", {}, { idempotencyKey: "k" });

    for (const filter of [{ ids: [id] }, { idPrefix: id.slice(0, 30) }, { idempotencyKey: "k" }]) {
      expect((await costOf(filter)).pages).toBeLessThan(200);
      expect((await costOf({ ...filter, order: "oldest-due" })).pages).toBeLessThan(200);
    }
  });

  test("by due time, lane by lane, on every page", async () => {
    const first = await costOf({ order: "oldest-due", limit: 10 });
    const page = await queue.list({ order: "oldest-due", limit: 1_000 });
    const later = await costOf({ order: "oldest-due", limit: 10, before: page.at(-1)?.id ?? "" });

    expect([...first.indexes]).toContain("waiting_jobs_claim_idx");
    expect(first.pages).toBeLessThan(3_000);
    expect(later.pages).toBeLessThan(3_000);
  });
});
