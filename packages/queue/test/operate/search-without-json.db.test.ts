import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import { beforeEach, expect, test } from "vitest";
import { createQueue, type Job } from "../../src/index.ts";

const database = useTestDatabase();
let pool: ReturnType<typeof database.pool>;

beforeEach(async () => {
  pool = database.pool();
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

test.each(["newest", "oldest-due"] as const)(
  "a search without JSON, %s, has all other fields of the jobs",
  async (order) => {
    const queue = createQueue(pool);
    await queue.enqueue("large", { text: "x".repeat(10_000) }, { tags: ["a"], metadata: { m: 1 } });
    await queue.enqueue("small", { n: 1 }, { queue: "busy" });
    await queue.enqueue("done", { n: 1 }, { queue: "done" });
    await queue.runs.claim({ workerId: "w", queues: ["busy"], limit: 1, leaseSeconds: 60 });
    const [run] = await queue.runs.claim({ workerId: "w", queues: ["done"], limit: 1, leaseSeconds: 60 });
    await queue.runs.complete([
      { id: run?.id ?? "", leaseToken: run?.leaseToken ?? 0, output: '{"out": 1}' },
    ]);

    const whole = await queue.search({ order });
    const { jobs } = await queue.search({ order }, { json: false });

    const without = (job: Job) => ({ ...job, payload: null, output: null, progress: null });
    expect(jobs).toEqual(whole.jobs.map(without));
    expect(jobs).toHaveLength(order === "newest" ? 3 : 1);
  },
);

test("a search without JSON reads no large payload", async () => {
  const queue = createQueue(pool);
  for (let number = 0; number < 20; number += 1) {
    await queue.enqueue("large", {
      text: Array.from({ length: 50_000 }, () => Math.random().toString(36)).join(""),
    });
  }
  await pool.query("ANALYZE millrace.job_payloads");
  const read = async (json: boolean) => {
    const client = await pool.connect();
    await client.query("SELECT pg_stat_force_next_flush()");
    const before = await touched(client);
    await client.query("BEGIN");
    await createQueue(client).search({}, { json });
    await client.query("COMMIT");
    await client.query("SELECT pg_stat_force_next_flush()");
    const after = await touched(client);
    client.release();
    return after - before;
  };

  expect(await read(true)).toBeGreaterThan(1_000);
  expect(await read(false)).toBe(0);
});

/** How many blocks of the payloads' table were looked at so far. */
async function touched(client: {
  query(text: string): Promise<{ rows: { blocks: string }[] }>;
}): Promise<number> {
  const { rows } = await client.query(
    `SELECT heap_blks_hit + heap_blks_read + coalesce(toast_blks_hit + toast_blks_read, 0) AS blocks
     FROM pg_statio_user_tables WHERE schemaname = 'millrace' AND relname = 'job_payloads'`,
  );
  return Number(rows[0]?.blocks);
}
